"""RDS instances on the patched emulator: protection, renaming, deletion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from canned import answers
from helpers import EmulatorProcess
from seatrial.cloud import databases, snapshots
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.target import Target


def test_protected_instance_is_deleted_after_a_snapshot(emulator: EmulatorProcess):
    """What `restore --switch` left in production keeps its protection; `destroy` lifts it."""
    rds = emulator.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="notes-live-db-before-1",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="app_owner",
        MasterUserPassword="a-password-of-a-test",
        DeletionProtection=True,
    )
    keys = (emulator.access_key, emulator.secret_key)
    place = (Path("nowhere"), emulator.endpoint, *keys)
    session = Session(Target("live", "123456789012", "us-east-1", *place, pace=100))
    databases.delete(session, "notes-live-db-before-1", "notes-live-db-before-1-final")
    assert databases.find(session, "notes-live-db-before-1") is None
    found = rds.describe_db_snapshots(DBSnapshotIdentifier="notes-live-db-before-1-final")
    assert len(found["DBSnapshots"]) == 1


def _session(emulator: EmulatorProcess) -> Session:
    keys = (emulator.access_key, emulator.secret_key)
    place = (Path("nowhere"), emulator.endpoint, *keys)
    return Session(Target("live", "123456789012", "us-east-1", *place, pace=100))


def test_a_password_does_not_make_waiting_changes(emulator: EmulatorProcess):
    """A class that waits for the window would be changed, with an outage, by a rotation now."""
    rds = emulator.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="notes-live-waiting", DBInstanceClass="db.t4g.micro",
        Engine="postgres", AllocatedStorage=20, MasterUsername="app_owner",
        MasterUserPassword="a-password-of-a-test",
    )  # fmt: skip
    small = {"DBInstanceIdentifier": "notes-live-waiting", "DBInstanceClass": "db.t4g.small"}
    rds.modify_db_instance(**small)
    found = databases.describe(_session(emulator), "notes-live-waiting")
    assert (found.kind, found.pending) == ("db.t4g.micro", ("DBInstanceClass",))
    with pytest.raises(UserError) as raised:
        databases.set_password(_session(emulator), "notes-live-waiting", "another-password")
    assert raised.value.problems[0].code == "database-pending"
    rds.modify_db_instance(DBInstanceIdentifier="notes-live-waiting", ApplyImmediately=True)
    found = databases.describe(_session(emulator), "notes-live-waiting")
    assert (found.kind, found.pending) == ("db.t4g.small", ())
    databases.set_password(_session(emulator), "notes-live-waiting", "another-password")


def test_a_restored_instance_has_the_settings_of_its_source(emulator: EmulatorProcess):
    """RDS restores into one zone, unprotected, without IAM logins, unless the request says so; by
    a snapshot and by a time alike.
    """
    rds, session = emulator.client("rds"), _session(emulator)
    rds.create_db_instance(
        DBInstanceIdentifier="notes-live-source", DBInstanceClass="db.t4g.small",
        Engine="postgres", AllocatedStorage=20, MasterUsername="app_owner", MultiAZ=True,
        MasterUserPassword="a-password-of-a-test", DeletionProtection=True, StorageType="gp3",
        EnableIAMDatabaseAuthentication=True, EnablePerformanceInsights=True,
        Tags=[{"Key": "app", "Value": "notes"}],
    )  # fmt: skip
    rds.create_db_snapshot(
        DBInstanceIdentifier="notes-live-source", DBSnapshotIdentifier="notes-live-snapshot"
    )
    plain = rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="notes-live-plain", DBSnapshotIdentifier="notes-live-snapshot"
    )["DBInstance"]
    names = ("MultiAZ", "DeletionProtection", "IAMDatabaseAuthenticationEnabled")
    assert [plain[name] for name in (*names, "PerformanceInsightsEnabled")] == [False] * 4
    source = databases.describe(session, "notes-live-source")
    copied = ("multi_az", "protected", "iam_login", "authority", "tags", "kind", "groups")
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="notes-live-restored", DBSnapshotIdentifier="notes-live-snapshot",
        **snapshots.settings_of(source),
    )  # fmt: skip
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="notes-live-source", UseLatestRestorableTime=True,
        TargetDBInstanceIdentifier="notes-live-earlier", **snapshots.settings_of(source),
    )  # fmt: skip
    assert source.multi_az
    for name in ("notes-live-restored", "notes-live-earlier"):
        found = databases.describe(session, name)
        assert [getattr(found, n) for n in copied] == [getattr(source, n) for n in copied]


def test_a_password_is_waited_for_until_it_is_not_pending(emulator: EmulatorProcess):
    """The instance is `available` all the time: only PendingModifiedValues tells."""
    session = _session(emulator)
    row = {
        "DBInstanceIdentifier": "db", "DbiResourceId": "db-1", "MasterUsername": "app_owner",
        "DBInstanceStatus": "available", "DBInstanceClass": "db.t4g.micro", "Engine": "postgres",
    }  # fmt: skip
    pending = {"PendingModifiedValues": {"MasterUserPassword": "****"}}
    rows = iter([row, row | pending, row | pending, row])

    def described(_: Any) -> dict[str, Any]:
        return {"DBInstances": [next(rows)]}

    answers(session, "rds", DescribeDBInstances=described, ModifyDBInstance={"DBInstance": row})
    databases.set_password(session, "db", "another-password")
    assert next(rows, None) is None
