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
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph
from seatrial.terraform.document import documents

INSTANCE = "aws_db_instance"


def upgrade(work: Operation, expanded: Graph) -> None:
    """Give every database the version of the app file, where a lower one serves.

    A snapshot is taken first. In production other changes of an instance wait for its maintenance
    window; a version does not, for the release needs it.
    """
    found = raised(work, expanded)
    if not found:
        return
    with work.steps.step("upgrade"):
        for noun, version in found.items():
            _back_up(work, noun, version)
        targets = tuple(f"{INSTANCE}.{noun}" for noun in found)
        body = documents(expanded)["foundation"]
        work.roots.terraform("foundation", body, {"upgrade": True}).apply(targets=targets)
        for noun in found:
            databases.wait_available(work.session, work.identifier(noun))


def raised(work: Operation, wanted: Graph) -> dict[str, str]:
    """Return the wanted version of each database that serves with a lower one."""
    if work.serving is None:
        return {}
    before = _versions(graph(record.app_of(work.serving, work.app.environment)))
    now = _versions(wanted)
    lower = (n for n in sorted(before.keys() & now.keys()) if _number(before[n]) < _number(now[n]))
    return {noun: now[noun] for noun in lower}


def _versions(made: Graph) -> dict[str, str]:
    found = (resource for resource in made.resources if resource.type == INSTANCE)
    return {resource.name: str(resource.body["engine_version"]) for resource in found}


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _back_up(work: Operation, noun: str, version: str) -> None:
    identifier = work.identifier(noun)
    name = naming.fitted(f"{identifier}-before-{stamp()}", naming.LIMITS["database"])
    tags = naming.tags(work.app.app, work.app.environment)
    snapshots.create(work.session, identifier, name, tags)
    work.emit(Note(f"{noun} gets version {version}; its data of before is in the snapshot {name}"))
