"""Backup: a snapshot of a database that stays until somebody deletes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seatrial.cloud import snapshots
from seatrial.cloud.session import Session
from seatrial.cloud.snapshots import Snapshot
from seatrial.events import Emit
from seatrial.model.app import App
from seatrial.ops.release.operation import Destination, locked_operation
from seatrial.resources import naming
from seatrial.resources.context import Context
from seatrial.target import Target


@dataclass(frozen=True)
class Backup:
    """One backup of a database; ``at`` is ISO 8601 in UTC, ``size`` the storage in GiB."""

    noun: str
    name: str
    at: str
    size: int
    status: str
    kind: str

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)


def backup(app: App, place: Destination, noun: str, emit: Emit) -> Backup:
    """Take a backup of a database and wait until it can be restored; raises UserError."""
    with locked_operation(app, place, "seatrial backup", emit) as work:
        instance = work.identifier(noun)
        tags = naming.tags(app.app, app.environment)
        with work.steps.step("backup"):
            made = snapshots.create(work.session, instance, f"{instance}-{stamp()}", tags)
        return _backup(noun, made)


def backups(app: App, target: Target) -> tuple[Backup, ...]:
    """Return every backup of an app's databases, the newest of each first."""
    session, context = Session(target), Context(app)
    return tuple(
        _backup(noun, found)
        for noun in sorted(app.databases)
        for found in snapshots.listed(session, context.name("database", noun))
    )


def stamp() -> str:
    """Return the moment as it ends the name of a snapshot or an instance: UTC, to the second."""
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def _backup(noun: str, found: Snapshot) -> Backup:
    at = found.created.isoformat(timespec="seconds") if found.created else ""
    return Backup(
        noun=noun,
        name=found.identifier,
        at=at,
        size=found.size,
        status=found.status,
        kind=found.kind,
    )
