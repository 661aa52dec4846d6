"""Restore: a database from a backup, beside the one that serves; switched over on request.

Nothing is overwritten. After the switch the instance that served before stands beside, under
another name, until it is removed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seatrial.cloud import databases, snapshots
from seatrial.cloud.databases import Instance
from seatrial.errors import UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.ops import composing, database_logins, migrate
from seatrial.ops.backup import stamp
from seatrial.ops.release import record, stability
from seatrial.ops.release.operation import Destination, Operation, locked_operation
from seatrial.resources import naming
from seatrial.resources.catalog import graph
from seatrial.terraform.document import documents


@dataclass(frozen=True)
class RestoreReport:
    """A restored database; ``beside`` is the instance that does not serve now."""

    noun: str
    backup: str
    serving: str
    beside: str
    switched: bool
    seconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)


def restore(
    app: App,
    place: Destination,
    noun: str,
    backup: str | datetime | None,
    emit: Emit,
    *,
    switch: bool,
) -> RestoreReport:
    """Restore a database from a backup, the newest where none is named, or as it was at a moment.

    Raises UserError.
    """
    with locked_operation(app, place, "seatrial restore", emit) as work:
        served = databases.describe(work.session, work.identifier(noun))
        beside = _named(served.identifier, f"restored-{stamp()}")
        if isinstance(backup, datetime):
            name = f"the state of {backup.isoformat(timespec='seconds')}"
            with work.steps.step("restore"):
                made = snapshots.go_back(work.session, served, backup, beside)
        else:
            name = _chosen(work, served, backup)
            with work.steps.step("restore"):
                made = snapshots.restore(work.session, name, served, beside)
        _verify(made, served)
        if switch:
            beside = _switch(work, noun, served, made)
        return RestoreReport(
            noun=noun,
            backup=name,
            serving=served.identifier,
            beside=beside,
            switched=switch,
            seconds=dict(work.steps.seconds),
        )


def switch(app: App, place: Destination, noun: str, identifier: str, emit: Emit) -> RestoreReport:
    """Let an instance that was restored before serve; raises UserError where it cannot."""
    with locked_operation(app, place, "seatrial restore", emit) as work:
        served = databases.describe(work.session, work.identifier(noun))
        made = databases.describe(work.session, identifier)
        _verify(made, served)
        beside = _switch(work, noun, served, made)
        return RestoreReport(
            noun=noun,
            backup="",
            serving=served.identifier,
            beside=beside,
            switched=True,
            seconds=dict(work.steps.seconds),
        )


def _chosen(work: Operation, served: Instance, backup: str | None) -> str:
    ready = [
        s.identifier
        for s in snapshots.listed(work.session, served.identifier)
        if s.status == "available"
    ]
    if not ready or (backup and backup not in ready):
        raise UserError.of(
            "database-backup",
            f"there is no backup `{backup}` of {served.identifier}"
            if backup
            else f"{served.identifier} has no backup",
            f"Name one of: {', '.join(ready)}." if ready else "Take one: `seatrial backup`.",
        )
    return backup or ready[0]


def _named(identifier: str, ending: str) -> str:
    return naming.fitted(f"{identifier}-{ending}", naming.LIMITS["database"])


def _verify(made: Instance, served: Instance) -> None:
    """A restored instance must stand where the other one stands, or nothing could reach it."""
    for what in ("subnets", "groups", "parameters", "database", "user"):
        if getattr(made, what) != getattr(served, what):
            raise UserError.of(
                "database-restored",
                f"{made.identifier} has other {what} than {served.identifier}: "
                f"{getattr(made, what)}",
                "Nothing was switched. Delete it, then run the command again.",
            )


def _switch(work: Operation, noun: str, served: Instance, made: Instance) -> str:
    """Exchange names, tell Terraform, rotate the password, restart the users."""
    before = _named(served.identifier, f"before-{stamp()}")
    with work.steps.step("switch"):
        databases.rename(work.session, served.identifier, before)
        databases.rename(work.session, made.identifier, served.identifier)
    with work.steps.step("adopt"):
        _adopt(work, noun, served.identifier)
    with work.steps.step("password"):
        database_logins.rotate(work, noun)
        composing.compose(work)
    names = migrate.restart(work.session, work.app, work.cluster, {noun})
    stability.running(work, names)
    work.emit(Note(f"{before} holds the previous data; `destroy` deletes it too"))
    return before


def _adopt(work: Operation, noun: str, identifier: str) -> None:
    """Let Terraform's state point at the instance that bears the name now."""
    app = record.app_of(work.served(), work.app.environment)
    body = documents(graph(app))["foundation"]
    address = f"aws_db_instance.{noun}"
    work.roots.adopt("foundation", body, address, identifier)
    work.values["foundation"] = work.roots.outputs()
