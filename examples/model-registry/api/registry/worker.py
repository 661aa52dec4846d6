"""Copies what is too large for a request, and sweeps what a crash left; until SIGTERM."""

from __future__ import annotations

import logging

from sqlalchemy import func, select, text

from registry import ingest, objects
from registry.store import Registry, open_registry
from registry.tables import Artifact
from seatrial_runtime import logs, serving

PAUSE = 2.0  # seconds
log = logging.getLogger("worker")


def copy_one(registry: Registry) -> bool:
    """Copy the oldest pending artifact that no other worker has; False where there is none.

    The claim is a lock of the session, so that it ends with the worker, however it ends.
    """
    with registry.engine.connect() as claim:
        rows = select(Artifact).where(Artifact.state == "pending").order_by(Artifact.number)
        with registry.transaction() as db:
            pending = list(db.scalars(rows.limit(20)))
        for artifact in pending:
            number = int(artifact.number)
            if claim.scalar(select(func.pg_try_advisory_lock(30863, number))):
                try:
                    with registry.transaction() as db:
                        current = db.get(Artifact, artifact.id)
                    if current is not None and current.state == "pending":
                        log.info("copying %s", artifact.url)
                        ingest.complete(registry, current)
                finally:
                    claim.execute(text("SELECT pg_advisory_unlock_all()"))
                return True
    return False


def sweep(registry: Registry) -> int:
    """Remove what was left unfinished, unused or deleted; return how many objects there were."""
    objects.expire(registry)
    return objects.purge(registry)


def main() -> None:
    """Work until SIGTERM."""
    logs.configure()
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    stop, registry = serving.stop(), open_registry()
    log.info("the worker is ready")
    while not stop.wait(PAUSE):
        try:
            while not stop.is_set() and copy_one(registry):
                continue
            if count := sweep(registry):
                log.info("%d objects swept", count)
        except Exception:
            log.exception("the worker goes on after an error")
    log.info("the worker has ended")


if __name__ == "__main__":
    main()
