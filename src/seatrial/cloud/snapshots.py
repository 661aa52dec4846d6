"""RDS snapshots: taking one, listing them, and an instance made from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.cloud import databases
from seatrial.cloud.databases import Instance
from seatrial.cloud.session import Session, aws_errors
from seatrial.cloud.waiting import until
from seatrial.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One snapshot; ``size`` is the instance's storage in GiB, ``kind`` manual or automated."""

    identifier: str
    instance: str
    created: datetime | None
    size: int
    status: str
    kind: str


def create(
    session: Session, instance: str, identifier: str, tags: dict[str, str], *, timeout: float = 3600
) -> Snapshot:
    """Take a snapshot and wait until it can be restored; raises UserError after ``timeout`` s."""
    with aws_errors(f"to take a snapshot of {instance}"):
        session.client("rds").create_db_snapshot(
            DBInstanceIdentifier=instance,
            DBSnapshotIdentifier=identifier,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )

    def over() -> Snapshot | None:
        found = {s.identifier: s for s in listed(session, instance)}.get(identifier)
        return found if found and found.status in ("available", "failed") else None

    made = until(session, over, 5, timeout)
    if made and made.status == "available":
        return made
    raise UserError.of(
        "database-snapshot",
        f"the snapshot {identifier} of {instance} did not become available",
        "Look at the instance's events, then run the command again.",
    )


def listed(session: Session, instance: str) -> list[Snapshot]:
    """Return an instance's snapshots, the newest first."""
    with aws_errors(f"to list the snapshots of {instance}"):
        pages = session.client("rds").get_paginator("describe_db_snapshots")
        found = [
            _snapshot(row)
            for page in pages.paginate(DBInstanceIdentifier=instance)
            for row in page["DBSnapshots"]
        ]
    # A snapshot that is being taken has no time yet: it is the newest.
    return sorted(found, key=lambda s: s.created.timestamp() if s.created else 1e12, reverse=True)


def _snapshot(row: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        identifier=row["DBSnapshotIdentifier"],
        instance=row["DBInstanceIdentifier"],
        created=row.get("SnapshotCreateTime"),
        size=int(row.get("AllocatedStorage", 0)),
        status=row["Status"],
        kind=row["SnapshotType"],
    )


def restore(session: Session, snapshot: str, like: Instance, identifier: str) -> Instance:
    """Make an instance from a snapshot, in the network and with the parameters of another."""
    with aws_errors(f"to restore {snapshot}"):
        session.client("rds").restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=identifier, DBSnapshotIdentifier=snapshot, **settings_of(like)
        )
    return databases.wait_available(session, identifier)


def go_back(session: Session, source: Instance, moment: datetime, identifier: str) -> Instance:
    """Make an instance with another one's rows at a moment, about five minutes ago at the newest
    (RDS user guide, "Restoring a DB instance to a specified time").
    """
    with aws_errors(f"to restore {source.identifier} as it was at {moment.isoformat()}"):
        session.client("rds").restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=source.identifier,
            TargetDBInstanceIdentifier=identifier,
            RestoreTime=moment,
            **settings_of(source),
        )
    return databases.wait_available(session, identifier)


def settings_of(other: Instance) -> dict[str, Any]:
    """Return the settings to copy from another instance, as arguments of both calls that restore.

    RDS takes the default groups otherwise, one zone, no protection and no IAM logins (RDS API
    reference, RestoreDBInstanceToPointInTime).

    Terraform could not add them afterwards: in production a second zone waits for the maintenance
    window, and until then no password may change.
    """
    return {
        "DBInstanceClass": other.kind,
        "DBSubnetGroupName": other.subnets,
        "VpcSecurityGroupIds": list(other.groups),
        "DBParameterGroupName": other.parameters,
        "MultiAZ": other.multi_az,
        "DeletionProtection": other.protected,
        "EnableIAMDatabaseAuthentication": other.iam_login,
        "PubliclyAccessible": False,
        "CopyTagsToSnapshot": True,
        # As every instance that Terraform makes here: it takes this one in its place.
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "EnableCloudwatchLogsExports": list(other.logs),
        "Tags": [
            {"Key": key, "Value": value}
            for key, value in other.tags
            if not key.startswith("aws:")  # AWS's own, which no request may hold
        ],
    } | ({"CACertificateIdentifier": other.authority} if other.authority else {})
