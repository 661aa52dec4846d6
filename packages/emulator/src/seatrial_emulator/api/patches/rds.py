"""RDS gives each instance an id of its own, keeps what it was told, is ``creating`` until the
engine answers, and changes a password some time after it accepted the change; a snapshot is
``creating`` until the volume is copied, and an instance restored from one has its rows and its
password (RDS user guide, "DB instance status", "Restoring to a DB instance"; API reference,
ModifyDBInstance).

moto gives every instance the same id, loses fields that the provider reads back, is available at
once and changes nothing. The engine is real here: ``rehearsed`` holds what the controller must do.
Test: tests/emulator/test_patches.py::test_instances_have_their_own_id.
"""

from __future__ import annotations

import random
import string
from typing import Any

from moto.rds import models


def apply() -> None:
    """Keep fields, and leave the status to whoever runs the engine."""
    init, update = models.DBInstance.__init__, models.DBInstance.update
    group = models.DBParameterGroup.update_parameters

    def init_instance(self: Any, *given: Any, **fields: Any) -> None:
        init(self, *given, **fields)
        letters = string.ascii_uppercase + string.digits
        self.dbi_resource_id = "db-" + "".join(random.choices(letters, k=26))  # noqa: S311
        self.performance_insights_enabled = bool(fields.get("enable_performance_insights"))
        if self.performance_insights_enabled:
            kept = fields.get("performance_insights_retention_period")
            self.performance_insights_retention_period = kept or 7
        self.rehearsed_status = None
        self.rehearsed_password = fields.get("master_user_password")
        self.rehearsed_source, self.rehearsed_reboot = "", False
        self.rehearsed_moment = None  # or the instance and the time that it takes its rows from

    def update_instance(self: Any, **fields: Any) -> Any:
        if fields.get("master_user_password"):
            self.rehearsed_password = fields["master_user_password"]
        if fields.get("db_instance_identifier") not in (None, self.db_instance_identifier):
            self.rehearsed_status = "renaming"
        return update(self, **fields)

    def update_parameters(self: Any, new: list[dict[str, Any]]) -> Any:
        return group(self, [{**parameter, "Source": "user"} for parameter in new])

    def reboot(self: Any, db_instance_identifier: str) -> Any:
        found = self.describe_db_instances(db_instance_identifier)[0]
        found.rehearsed_reboot, found.rehearsed_status = True, "rebooting"
        return found

    def status(self: Any) -> Any:
        return self.__dict__.get("rehearsed_status") or self.__dict__.get("plain_status")

    def set_status(self: Any, value: Any) -> None:
        self.__dict__["plain_status"] = value

    models.DBInstance.__init__ = init_instance
    models.DBInstance.update = update_instance
    models.DBInstance.status = property(status, set_status)
    models.DBParameterGroup.update_parameters = update_parameters
    models.RDSBackend.reboot_db_instance = reboot
    _mend_restores()


def _mend_restores() -> None:
    """Let an instance know which snapshot, or whose rows of which moment, it begins with."""
    restore = models.RDSBackend.restore_db_instance_from_db_snapshot
    go_back = models.RDSBackend.restore_db_instance_to_point_in_time
    describe_snapshots = models.RDSBackend.describe_db_snapshots

    def restored(self: Any, from_snapshot_id: str, overrides: dict[str, Any]) -> Any:
        made = restore(self, from_snapshot_id, overrides)
        made.rehearsed_source = from_snapshot_id.rsplit(":", 1)[-1]
        made.rehearsed_password = None  # the one of the snapshot's moment
        made.rehearsed_status = "creating"
        made.deletion_protection = bool(overrides.get("deletion_protection"))
        return made

    def gone_back(self: Any, source: str, target: str, overrides: dict[str, Any]) -> Any:
        latest = self.describe_db_instances(source)[0].latest_restorable_time
        moment = overrides.get("RestoreTime") or overrides.get("restore_time") or latest
        made = go_back(self, source, target, overrides)
        made.rehearsed_moment, made.rehearsed_password = (source, moment), None
        made.rehearsed_status = "creating"
        return made

    def snapshots(self: Any, *given: Any, **fields: Any) -> Any:
        found = describe_snapshots(self, *given, **fields)
        for snapshot in found:
            played = snapshot.engine in ("postgres", "mysql")
            manual = snapshot.snapshot_type == "manual" and played
            copied = snapshot.__dict__.get("rehearsed_copied", not manual)
            snapshot.status = "available" if copied else "creating"
        return found

    models.RDSBackend.restore_db_instance_from_db_snapshot = restored
    models.RDSBackend.restore_db_instance_to_point_in_time = gone_back
    models.RDSBackend.describe_db_snapshots = snapshots
