"""RDS gives each instance an id of its own, keeps its settings, is ``creating`` until the
engine answers, and changes a password some time after it accepted the change; a snapshot is
``creating`` until the volume is copied, and an instance restored from one has its rows and its
password (RDS user guide, "DB instance status", "Restoring to a DB instance"; API reference,
ModifyDBInstance). A stopped one has no server until it is started ("Stopping an Amazon RDS DB
instance temporarily").

moto gives every instance the same id, loses fields that the provider reads back, is available at
once and changes nothing. The engine is real here: ``DatabaseState`` says what it must do.
Test: tests/emulator/test_patches.py::test_each_database_has_its_own_resource_id.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.rds import exceptions, models

from seatrial_emulator.api.patches.patch import add, replace, wrap
from seatrial_emulator.api.state import DatabaseState, store, store_of

ENGINES = ("postgres", "mysql")  # those with a server behind them

Original = Callable[..., Any]


def apply() -> None:
    """Keep fields, and leave the status to the engine."""
    wrap(models.DBInstance, "__init__", _init_instance)
    wrap(models.DBInstance, "update", _update_instance)
    add(models.DBInstance, "status", property(_status, _set_status))
    add(models.DBInstance, "pending_modified_values", property(_pending))
    wrap(models.DBParameterGroup, "update_parameters", _update_parameters)
    replace(models.RDSBackend, "reboot_db_instance", _reboot)
    wrap(models.RDSBackend, "stop_db_instance", _stop)
    wrap(models.RDSBackend, "start_db_instance", _start)
    wrap(models.RDSBackend, "restore_db_instance_from_db_snapshot", _restore_snapshot)
    wrap(models.RDSBackend, "restore_db_instance_to_point_in_time", _restore_point_in_time)
    wrap(models.RDSBackend, "delete_db_instance", _delete)
    wrap(models.RDSBackend, "describe_db_snapshots", _describe_snapshots)


def _init_instance(init: Original, self: Any, *given: Any, **fields: Any) -> None:
    init(self, *given, **fields)
    letters = string.ascii_uppercase + string.digits
    self.dbi_resource_id = "db-" + "".join(random.choices(letters, k=26))  # noqa: S311
    self.performance_insights_enabled = bool(fields.get("enable_performance_insights"))
    enrolled = "open-source-rds-extended-support"  # unless a request says otherwise
    self.engine_lifecycle_support = fields.get("engine_lifecycle_support") or enrolled
    if self.performance_insights_enabled:
        days = fields.get("performance_insights_retention_period")
        self.performance_insights_retention_period = days or 7
    _state(self).password = fields.get("master_user_password")


def _update_instance(update: Original, self: Any, **fields: Any) -> Any:
    if _state(self).stopped:  # RDS user guide, "Stopping an Amazon RDS DB instance temporarily"
        raise exceptions.InvalidDBInstanceStateError(self.db_instance_identifier, "stop")
    if fields.get("master_user_password"):
        _state(self).password = fields["master_user_password"]
    fields = _now(self, fields)
    if (insights := fields.get("enable_performance_insights")) is not None:
        self.performance_insights_enabled = bool(insights)
        days = fields.get("performance_insights_retention_period")
        self.performance_insights_retention_period = (days or 7) if insights else None
    if fields.get("engine_version") not in (None, self.engine_version):
        _state(self).reboot, _state(self).status = True, "upgrading"
    if fields.get("db_instance_identifier") not in (None, self.db_instance_identifier):
        _state(self).status = "renaming"
    return update(self, **fields)


# What waits for the maintenance window unless a request wants it at once, by moto's names (RDS user
# guide, "Settings for DB instances").
_DEFERRED = {
    "db_instance_class": "DBInstanceClass",
    "engine_version": "EngineVersion",
    "allocated_storage": "AllocatedStorage",
    "multi_az": "MultiAZ",
}


def _now(instance: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """Return what a change does at once: ApplyImmediately takes what waits along (RDS API
    reference, ModifyDBInstance).
    """
    state = _state(instance)
    if fields.get("apply_immediately"):
        waiting, state.waiting = state.waiting, {}
        return waiting | {key: value for key, value in fields.items() if value is not None}
    for name in _DEFERRED:
        if fields.get(name) not in (None, vars(instance).get(name)):
            state.waiting[name] = fields[name]
    return {key: value for key, value in fields.items() if key not in state.waiting}


def _pending(self: Any) -> dict[str, Any]:
    """The password stands there from the request until the server has it, its letters hidden."""
    state = _state(self)
    found = {_DEFERRED[name]: value for name, value in state.waiting.items()}
    if state.played and state.password is not None and state.password != state.applied:
        found["MasterUserPassword"] = "****"
    return found


def _delete(delete: Original, self: Any, *given: Any, **fields: Any) -> Any:
    """Automated backups end with their instance, whatever its name was when they were made, unless
    a request says otherwise (RDS API reference, DeleteDBInstance). moto keeps them where it says
    nothing, and those of an earlier name.
    """
    found = delete(self, *given, **fields)
    if fields.get("delete_automated_backups") is not False:
        for key, snapshot in list(self.database_snapshots.items()):
            same = snapshot.database.dbi_resource_id == found.dbi_resource_id
            if snapshot.snapshot_type == "automated" and same:
                del self.database_snapshots[key]
    return found


def _update_parameters(update: Original, self: Any, new: list[dict[str, Any]]) -> Any:
    return update(self, [{**parameter, "Source": "user"} for parameter in new])


def _reboot(self: Any, db_instance_identifier: str) -> Any:
    found = self.describe_db_instances(db_instance_identifier)[0]
    _state(found).reboot, _state(found).status = True, "rebooting"
    return found


def _stop(stop: Original, self: Any, *given: Any, **fields: Any) -> Any:
    """A stopped instance is `stopping` until its server is down."""
    found = stop(self, *given, **fields)
    if found.engine in ENGINES:
        _state(found).stopped, _state(found).status = True, "stopping"
    return found


def _start(start: Original, self: Any, *given: Any, **fields: Any) -> Any:
    """One that is started again is `starting` until its server answers."""
    found = start(self, *given, **fields)
    if found.engine in ENGINES:
        _state(found).stopped, _state(found).status = False, "starting"
    return found


def _status(self: Any) -> Any:
    return _state(self).status or vars(self)["status"]


def _set_status(self: Any, value: Any) -> None:
    vars(self)["status"] = value


def _state(instance: Any) -> DatabaseState:
    return store(instance.account_id, instance.region).database(instance.dbi_resource_id)


def _restore_snapshot(
    restore: Original, self: Any, from_snapshot_id: str, overrides: dict[str, Any]
) -> Any:
    """Let an instance begin with a snapshot: its rows and the password of its time."""
    instance = restore(self, from_snapshot_id, overrides)
    state = _state(instance)
    state.source_snapshot = from_snapshot_id.rsplit(":", 1)[-1]
    state.password, state.status = None, "creating"
    _as_requested(instance, overrides)
    return instance


def _restore_point_in_time(
    restore: Original, self: Any, source: str, target: str, overrides: dict[str, Any]
) -> Any:
    """Let an instance begin with the rows that another one had at some time."""
    origin = self.describe_db_instances(source)[0]
    latest = origin.latest_restorable_time
    time: datetime = overrides.get("RestoreTime") or overrides.get("restore_time") or latest
    instance = restore(self, source, target, overrides)
    state = _state(instance)
    state.restore_point = (origin.dbi_resource_id, time)
    state.password, state.status = None, "creating"
    _as_requested(instance, overrides)
    return instance


# What a restored instance does not take over from its source: off unless the request has it (RDS
# API reference, RestoreDBInstanceFromDBSnapshot and RestoreDBInstanceToPointInTime: "By default,
# the new DB instance is created as a single-AZ deployment"). moto copies them.
def _as_requested(instance: Any, overrides: dict[str, Any]) -> None:
    instance.multi_az = bool(overrides.get("multi_az"))
    instance.deletion_protection = bool(overrides.get("deletion_protection"))
    logins = bool(overrides.get("enable_iam_database_authentication"))
    instance.enable_iam_database_authentication = logins
    instance.performance_insights_enabled = False  # neither call has it
    instance.performance_insights_retention_period = None


def _describe_snapshots(describe: Original, self: Any, *given: Any, **fields: Any) -> Any:
    found = describe(self, *given, **fields)
    for snapshot in found:
        waits = snapshot.snapshot_type == "manual" and snapshot.engine in ENGINES
        arn = snapshot.db_snapshot_arn
        copied = not waits or store_of(arn).snapshot(arn).copied
        snapshot.status = "available" if copied else "creating"
    return found
