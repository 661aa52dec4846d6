"""Are databases large enough for their users, and is their engine supported? (D65, D68.)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from seatrial.cloud import databases
from seatrial.model.app import App
from seatrial.model.database import Database
from seatrial.ops.verify.finding import Case, Finding
from seatrial.resources.context import Context

# SQLAlchemy's defaults: five connections and ten more under load (its documentation, "Connection
# Pooling"); `seatrial-runtime[app]` keeps them.
POOL = 15
GIB = 1024**3
# Memory by size of the burstable classes, and of the memory-optimized ones (RDS user guide,
# "Hardware specifications for DB instance classes").
_T = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}
_M = {"large": 8, "xlarge": 16, "2xlarge": 32, "4xlarge": 64, "8xlarge": 128, "12xlarge": 192}
_R = {size: 2 * memory for size, memory in _M.items()}


# Bytes of memory for each connection, and the most there are, by engine (RDS user guide, "Quotas
# and constraints").
_EACH = {"postgres": (9_531_392, 5000), "mysql": (12_582_880, 16_000)}


def connections(database: Database) -> int | None:
    """Return the engine's default ``max_connections`` of a class; None for an unknown one."""
    _, family, size = database.class_.split(".")
    memory = {"t": _T, "m": _M, "r": _R}.get(family[0], {}).get(size)
    each, most = _EACH[database.engine]
    return min(memory * GIB // each, most) if memory else None


def check(case: Case) -> Iterator[Finding]:
    """Compare connections and dates."""
    for noun, database in sorted(case.app.databases.items()):
        most, needed = connections(database), wanted(case.app, noun)
        if most is not None and needed > most * 0.8:
            yield Finding(
                code="verify-connections",
                severity="warning",
                title=f"`{noun}` may run out of connections during a release",
                evidence=f"{needed} wanted (pools of {POOL}, every task twice); {most} allowed, "
                "of which four fifths should be enough",
                cause="During a rollout, old and new tasks are connected at the same time.",
                fix="Use a larger `class`, a smaller pool in the app, or a lower maximum of tasks.",
                key=f"databases.{noun}.class",
            )
        ends = database.offer.ends.get(database.version)
        if ends and ends < datetime.now(UTC).date():
            name = Context(case.app).name("database", noun)
            there = databases.find(case.session, name) is not None
            yield Finding(
                code="verify-engine",
                severity="warning" if there else "error",
                title=f"`{noun}` runs an end-of-life engine version",
                evidence=f"{database.offer.title} {database.version} left standard support {ends}",
                cause="RDS creates no instance of it without Extended Support, which is billed by "
                "vCPU and hour and turned off here, and raises the version of those there are.",
                fix="Raise `version`; test it in a rehearsal first.",
                key=f"databases.{noun}.version",
            )


def wanted(app: App, noun: str) -> int:
    """Return the connections that a release may take: each task's pool, old and new tasks."""
    tasks = sum(
        service.count.max or service.count.min
        for service in app.services.values()
        if any(use.name == noun for use in service.uses)
    )
    return POOL * tasks * 2
