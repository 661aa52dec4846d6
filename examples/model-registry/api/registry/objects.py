"""Objects of the bucket and their rows, which never disagree for long.

The row comes first (``writing``, with a lease that is renewed while bytes flow) and goes last
(``garbage`` until the object is gone). Whoever dies in between leaves a row that says so; sweep
finds it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from registry.errors import RefusedError
from registry.store import Registry
from registry.tables import Object
from seatrial_runtime.buckets import Upload

PREFIX = "bundles/"
RENEWED = 0.25  # of a lease


@dataclass
class Lease:
    """A claim to write an object; renewed as bytes flow."""

    registry: Registry
    key: str
    renewed: float = 0.0

    @property
    def pause(self) -> float:
        """Return the seconds between two renewals."""
        return self.registry.settings.lease * RENEWED

    def renew(self) -> None:
        """Say that the writer lives, a few times in each lease; raises RefusedError if swept."""
        if time.monotonic() - self.renewed < self.pause * 0.9:
            return
        with self.registry.transaction() as db:
            found = db.scalar(
                update(Object)
                .where(Object.key == self.key, Object.state == "writing")
                .values(until=_soon(self.registry.settings.lease))
                .returning(Object.key)
            )
        if found is None:
            raise RefusedError(503, "writing took too long and was given up; try again")
        self.renewed = time.monotonic()


def begin(registry: Registry, filename: str) -> Lease:
    """Claim a new key."""
    key = PREFIX + uuid.uuid4().hex
    with registry.transaction() as db:
        until = _soon(registry.settings.lease)
        db.add(Object(key=key, state="writing", until=until, filename=filename))
    return Lease(registry, key, time.monotonic())


def copy(lease: Lease, blocks: Iterable[bytes]) -> Upload:
    """Write blocks to the claimed object."""
    with lease.registry.bucket.upload(lease.key) as upload:
        for block in blocks:
            upload.write(block)
            lease.renew()
    return upload


def finish(db: Session, key: str, upload: Upload, state: str, waits: int | None = None) -> None:
    """Say that an object is whole; raises RefusedError where it was swept meanwhile."""
    found = db.scalar(
        update(Object)
        .where(Object.key == key, Object.state == "writing")
        .values(
            state=state,
            size=upload.size,
            sha256=upload.sha256,
            until=None if waits is None else _soon(waits),
        )
        .returning(Object.key)
    )
    if found is None:
        raise RefusedError(503, "writing took too long and was given up; try again")


def keep(db: Session, key: str) -> bool:
    """Make an upload an artifact's; False where it is somebody's already, or gone."""
    found = db.scalar(
        update(Object)
        .where(Object.key == key, Object.state == "uploaded", Object.until > func.now())
        .values(state="kept", until=None)
        .returning(Object.key)
    )
    return found is not None


def discard(db: Session, keys: Iterable[str]) -> None:
    """Mark objects as garbage; ``purge`` removes them after the transaction."""
    db.execute(update(Object).where(Object.key.in_(list(keys))).values(state="garbage", until=None))


def purge(registry: Registry, limit: int = 1000) -> int:
    """Remove garbage from the bucket, then its rows; return how much there was."""
    with registry.transaction() as db:
        keys = list(db.scalars(select(Object.key).where(Object.state == "garbage").limit(limit)))
    for key in keys:
        registry.bucket.delete(key)
        for begun in registry.bucket.unfinished(key):
            registry.bucket.abort(begun)
        with registry.transaction() as db:
            db.execute(delete(Object).where(Object.key == key, Object.state == "garbage"))
    return len(keys)


def expire(registry: Registry) -> int:
    """Mark as garbage what was left unfinished or unused; return how much there was."""
    with registry.transaction() as db:
        found = db.scalars(
            update(Object)
            .where(Object.state.in_(("writing", "uploaded")), Object.until < func.now())
            .values(state="garbage", until=None)
            .returning(Object.key)
        )
        return len(found.all())


def _soon(seconds: int):
    return func.now() + timedelta(seconds=seconds)
