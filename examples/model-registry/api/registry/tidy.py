"""Once a night: compare bucket and database both ways, and forget what is too old to matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select

from registry import activity, worker
from registry.objects import PREFIX
from registry.store import Registry, open_registry
from registry.tables import Object, Token
from seatrial_runtime import logs

YOUNG = timedelta(hours=1)  # an object's row is older than the object: this is for the clocks


@dataclass(frozen=True)
class Compared:
    """What bucket and database do not agree about."""

    orphans: list[str]  # objects that no row knows
    lost: list[str]  # artifacts' objects that the bucket does not have


def compare(registry: Registry, young: timedelta = YOUNG) -> Compared:
    """Compare by one listing of the bucket between two readings of the rows.

    What was kept before and after the listing must be in it; what no row knows after it, and is
    older than ``young``, is nobody's.
    """
    before = _rows(registry, in_use=True)
    there = dict(registry.bucket.keys(PREFIX))
    known, in_use = _rows(registry, in_use=False), _rows(registry, in_use=True)
    old = datetime.now(UTC) - young
    return Compared(
        [key for key, at in there.items() if at <= old and key not in known],
        sorted((before & in_use) - there.keys()),
    )


def _rows(registry: Registry, *, in_use: bool) -> set[str]:
    query = select(Object.key)
    with registry.transaction() as db:
        return set(db.scalars(query.where(Object.state == "kept") if in_use else query))


def tidy(registry: Registry, young: timedelta = YOUNG) -> dict[str, int]:
    """Tidy; return how many things of each kind were found."""
    swept = worker.sweep(registry)
    found = compare(registry, young)
    for key in found.orphans:
        registry.bucket.delete(key)
    with registry.transaction() as db:
        old = db.execute(delete(Token).where(Token.expires_at < func.now())).rowcount
    activity.forget(registry)
    return {
        "swept": swept,
        "orphans": len(found.orphans),
        "lost": len(found.lost),
        "tokens": old,
    }


if __name__ == "__main__":
    logs.configure()
    print(tidy(open_registry()))
