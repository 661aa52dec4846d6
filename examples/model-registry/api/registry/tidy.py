"""Once a night: compare bucket and database both ways, and forget what is too old to matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select

from registry import activity, worker
from registry.objects import PREFIX
from registry.store import Registry, open_registry
from registry.tables import Object, Token
from seatrial.runtime import logs

YOUNG = timedelta(hours=1)  # an object's row is older than the object: this is for the clocks


def orphans(registry: Registry, young: timedelta = YOUNG) -> list[str]:
    """Return the keys of objects that no row knows."""
    before = datetime.now(UTC) - young
    keys = [key for key, at in registry.bucket.keys(PREFIX) if at <= before]
    with registry.transaction() as db:
        known = set(db.scalars(select(Object.key).where(Object.key.in_(keys))))
    return [key for key in keys if key not in known]


def missing(registry: Registry) -> list[str]:
    """Return the keys of artifacts' objects that the bucket does not have."""
    there = {key for key, _ in registry.bucket.keys(PREFIX)}
    with registry.transaction() as db:
        kept = db.scalars(select(Object.key).where(Object.state == "kept"))
        return [key for key in kept if key not in there]


def tidy(registry: Registry, young: timedelta = YOUNG) -> dict[str, int]:
    """Tidy; return how many things of each kind were found."""
    swept = worker.sweep(registry)
    found = orphans(registry, young)
    for key in found:
        registry.bucket.delete(key)
    with registry.transaction() as db:
        old = db.execute(delete(Token).where(Token.expires_at < func.now())).rowcount
    activity.forget(registry)
    return {"swept": swept, "orphans": len(found), "lost": len(missing(registry)), "tokens": old}


if __name__ == "__main__":
    logs.configure()
    print(tidy(open_registry()))
