"""Upgrade: another major version of a database, before the release that was written for it.

RDS does it in place: the instance is away for some minutes, and nothing leads back but a snapshot
(RDS user guide, "How to perform a major version upgrade").
"""

from __future__ import annotations

from seatrial.cloud import databases, snapshots
from seatrial.events import Note
from seatrial.ops.backup import stamp
from seatrial.ops.release import record
from seatrial.ops.release.operation import Operation
from seatrial.resources import naming
from seatrial.resources.graph import Graph
from seatrial.terraform.document import documents


def upgrade(work: Operation, expanded: Graph) -> None:
    """Give every database the version of the app file, where a lower one serves.

    A snapshot is taken first. In production other changes of an instance wait for its maintenance
    window; a version does not, for the release needs it.
    """
    found = raised(work)
    if not found:
        return
    with work.steps.step("upgrade"):
        for noun in found:
            _back_up(work, noun)
        targets = tuple(f"aws_db_instance.{noun}" for noun in found)
        body = documents(expanded)["foundation"]
        work.roots.terraform("foundation", body, {"upgrade": True}).apply(targets=targets)
        for noun in found:
            databases.wait_available(work.session, work.identifier(noun))


def raised(work: Operation) -> tuple[str, ...]:
    """Return the databases that serve with a lower version than the app file's."""
    if work.serving is None:
        return ()
    before, now = record.app_of(work.serving, work.app.environment).databases, work.app.databases
    return tuple(n for n in sorted(before.keys() & now.keys()) if before[n].number < now[n].number)


def _back_up(work: Operation, noun: str) -> None:
    identifier = work.identifier(noun)
    name = naming.fitted(f"{identifier}-before-{stamp()}", naming.LIMITS["database"])
    tags = {"seatrial:app": work.app.app, "seatrial:environment": work.app.environment}
    snapshots.create(work.session, identifier, name, tags)
    version = work.app.databases[noun].version
    work.emit(Note(f"{noun} gets version {version}; its data of before is in the snapshot {name}"))
