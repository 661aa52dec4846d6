"""RDS instances: where they are, and their owner's password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.finder import tags
from seatrial.cloud.session import Session, aws_errors, code
from seatrial.cloud.waiting import until
from seatrial.errors import UserError
from seatrial.resources import naming

# States that no waiting ends (RDS user guide, "DB instance status").
BROKEN = (
    "failed",
    "incompatible-parameters",
    "incompatible-network",
    "incompatible-restore",
    "storage-full",
    "inaccessible-encryption-credentials",
)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """What is needed to reach an instance."""

    identifier: str
    resource_id: str
    host: str
    port: int
    database: str
    user: str
    status: str
    subnets: str = ""
    groups: tuple[str, ...] = ()
    parameters: str = ""
    kind: str = ""
    engine: str = "postgres"
    logs: tuple[str, ...] = ()
    multi_az: bool = False
    protected: bool = False
    iam_login: bool = False
    authority: str = ""  # of its server's certificate
    tags: tuple[tuple[str, str], ...] = ()
    pending: tuple[str, ...] = ()  # what was changed and does not hold yet, by RDS's names


PASSWORD = "MasterUserPassword"  # noqa: S105  # RDS's name of the value


def describe(session: Session, identifier: str) -> Instance:
    """Return an instance; raises UserError where there is none."""
    if (found := find(session, identifier)) is not None:
        return found
    raise UserError.of(
        "database-missing",
        f"there is no database instance {identifier}",
        "Was it deleted or renamed by hand? `seatrial plan` shows what a deploy would create.",
    )


def find(session: Session, identifier: str) -> Instance | None:
    """Return an instance, or None where there is none."""
    with aws_errors(f"to describe the database {identifier}"):
        try:
            rows = session.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
        except ClientError as error:
            if code(error).startswith("DBInstanceNotFound"):
                return None
            raise
    return _instance(rows["DBInstances"][0]) if rows["DBInstances"] else None


def tagged(session: Session, app: str, environment: str) -> list[Instance]:
    """Return every instance that carries an environment's tags."""
    with aws_errors("to list databases"):
        pages = session.client("rds").get_paginator("describe_db_instances").paginate()
        rows = [row for page in pages for row in page["DBInstances"]]
    wanted = naming.tags(app, environment)
    return [_instance(r) for r in rows if wanted.items() <= tags(r.get("TagList")).items()]


def _instance(row: Mapping[str, Any]) -> Instance:
    endpoint = row.get("Endpoint") or {}
    return Instance(
        identifier=row["DBInstanceIdentifier"],
        resource_id=row["DbiResourceId"],
        host=endpoint.get("Address", ""),
        port=int(endpoint.get("Port", 0)),
        database=row.get("DBName", ""),
        user=row["MasterUsername"],
        status=row["DBInstanceStatus"],
        subnets=(row.get("DBSubnetGroup") or {}).get("DBSubnetGroupName", ""),
        groups=tuple(g["VpcSecurityGroupId"] for g in row.get("VpcSecurityGroups", [])),
        parameters=next((p["DBParameterGroupName"] for p in row.get("DBParameterGroups", [])), ""),
        kind=row["DBInstanceClass"],
        engine=row["Engine"],
        logs=tuple(row.get("EnabledCloudwatchLogsExports", ())),
        multi_az=bool(row.get("MultiAZ")),
        protected=bool(row.get("DeletionProtection")),
        iam_login=bool(row.get("IAMDatabaseAuthenticationEnabled")),
        authority=row.get("CACertificateIdentifier", ""),
        tags=tuple(sorted(tags(row.get("TagList")).items())),
        pending=tuple(sorted(row.get("PendingModifiedValues") or ())),
    )


def set_password(session: Session, identifier: str, password: str, *, timeout: float = 600) -> None:
    """Change the owner's password and wait until it holds.

    Raises UserError where other changes wait for the maintenance window: RDS would make them now
    (RDS API reference, ModifyDBInstance, ApplyImmediately).
    """
    waiting = [what for what in describe(session, identifier).pending if what != PASSWORD]
    if waiting:
        raise UserError.of(
            "database-pending",
            f"{', '.join(waiting)} of {identifier} change in its maintenance window, and a new "
            "password would change them now",
            "Wait for the window, or change them now, which may restart the instance: `aws rds "
            f"modify-db-instance --db-instance-identifier {identifier} --apply-immediately`.",
        )
    with aws_errors(f"to change the password of {identifier}"):
        session.client("rds").modify_db_instance(
            DBInstanceIdentifier=identifier, MasterUserPassword=password, ApplyImmediately=True
        )

    def holds() -> bool | None:  # RDS shows the value as pending from the request to its end
        found = describe(session, identifier)
        return True if PASSWORD not in found.pending and found.status == "available" else None

    if until(session, holds, 5, timeout) is None:
        raise _late(f"the password of {identifier} does not hold after {timeout:.0f} s")


def wait_available(session: Session, identifier: str, *, timeout: float = 2400) -> Instance:
    """Wait until an instance can be used; raises UserError after ``timeout`` seconds."""

    def ready() -> Instance | None:
        found = describe(session, identifier)
        if found.status in BROKEN:
            raise UserError.of(
                "database-broken",
                f"{identifier} is {found.status}",
                "Check its events (in a rehearsal: emulator.log) and fix the cause.",
            )
        return found if found.status == "available" else None

    if instance := until(session, ready, 10, timeout):
        return instance
    status = describe(session, identifier).status
    raise _late(f"{identifier} is still {status} after {timeout:.0f} s")


def stop(session: Session, identifier: str) -> bool:
    """Stop an instance; False where it does not run. RDS starts it again after seven days (RDS API
    reference, StopDBInstance).
    """
    if describe(session, identifier).status != "available":
        return False
    with aws_errors(f"to stop {identifier}"):
        session.client("rds").stop_db_instance(DBInstanceIdentifier=identifier)
    return True


def start(session: Session, identifier: str) -> bool:
    """Start an instance that is stopped or is being stopped, and wait until it can be used.

    Returns whether it was stopped.
    """

    def settled() -> str | None:
        status = describe(session, identifier).status
        return None if status == "stopping" else status

    status = until(session, settled, 10, 2400)
    if status == "stopped":
        with aws_errors(f"to start {identifier}"):
            session.client("rds").start_db_instance(DBInstanceIdentifier=identifier)
    if status in ("stopped", "starting"):
        wait_available(session, identifier)
    return status in ("stopped", "starting")


def rename(session: Session, identifier: str, new: str) -> None:
    """Give an instance another identifier, which restarts it, and wait until it is back."""
    client = session.client("rds")
    with aws_errors(f"to rename {identifier} to {new}"):
        client.modify_db_instance(
            DBInstanceIdentifier=identifier, NewDBInstanceIdentifier=new, ApplyImmediately=True
        )

    def there() -> Instance | None:  # RDS shows the new name some time after it accepted it
        found = find(session, new)
        return found if found and found.status == "available" else None

    if until(session, there, 10, 600) is None:
        raise _late(f"{identifier} did not become {new} in ten minutes")


def delete(session: Session, identifier: str, final: str) -> None:
    """Delete an instance after a final snapshot of this name, and wait until it is gone.

    Its deletion protection is lifted first: the caller was asked by name.
    """
    client = session.client("rds")
    with aws_errors(f"to lift the deletion protection of {identifier}"):
        # Holds at once, whatever ApplyImmediately says (RDS user guide, "Settings for DB
        # instances"), which would apply what waits for the maintenance window.
        client.modify_db_instance(DBInstanceIdentifier=identifier, DeletionProtection=False)
    with aws_errors(f"to delete {identifier}"):
        client.delete_db_instance(
            DBInstanceIdentifier=identifier,
            SkipFinalSnapshot=False,
            FinalDBSnapshotIdentifier=final,
            DeleteAutomatedBackups=True,
        )

    def gone() -> bool | None:
        return True if find(session, identifier) is None else None

    if until(session, gone, 10, 3600) is None:
        raise _late(f"{identifier} is still there after an hour")


def _late(what: str) -> UserError:
    return UserError.of("database-late", what, "Look at its events, then run the command again.")
