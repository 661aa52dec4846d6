"""RDS instances on the patched emulator: protection, renaming, deletion."""

from __future__ import annotations

from pathlib import Path

from helpers import EmulatorProcess
from seatrial.cloud import databases
from seatrial.cloud.session import Session
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
