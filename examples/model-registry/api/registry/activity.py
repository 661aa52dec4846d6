"""The last hours of all tasks: each writes its minutes down, the health pages add them up."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from registry.lines import MOST_LINES, Line, said
from registry.store import Registry
from registry.tables import Activity, Artifact, Object
from seatrial_runtime.health import numbers
from seatrial_runtime.metrics import Minute, summarise

EVERY = 10.0  # seconds
RETENTION = 25 * 60  # minutes
TASK = f"{os.environ.get('SEATRIAL_RELEASE', 'local')}-{uuid.uuid4().hex[:12]}"


def write(registry: Registry) -> None:
    """Write this task's last two minutes down."""
    now = int(time.time() // 60)
    with registry.transaction() as db:
        for minute in registry.window.minutes(now - 1):
            row = {
                "total": minute.total,
                "failed": minute.failed,
                "refused": minute.refused,
                "seconds": minute.seconds,
                "steps": {str(k): v for k, v in minute.steps.items()},
                "routes": dict(minute.routes),
                "lines": said.lines(minute.minute),
            }
            made = insert(Activity).values(minute=minute.minute, task=TASK, body=row)
            same = [Activity.minute, Activity.task]
            db.execute(made.on_conflict_do_update(index_elements=same, set_={"body": row}))


def read(registry: Registry, minutes: int) -> list[Minute]:
    """Return the last minutes of all tasks, added up minute by minute."""
    since = int(time.time() // 60) - minutes + 1
    found: dict[int, Minute] = {}
    with registry.transaction() as db:
        rows = list(db.scalars(select(Activity).where(Activity.minute >= since)))
    for row in rows:
        body = row.body
        found.setdefault(row.minute, Minute(row.minute)).add(
            Minute(
                row.minute,
                body["total"],
                body["failed"],
                body["refused"],
                body["seconds"],
                Counter({int(k): v for k, v in body["steps"].items()}),
                Counter(body["routes"]),
            )
        )
    return [found[key] for key in sorted(found)]


def lines(registry: Registry, minutes: int, part: str = "", level: str = "") -> list[Line]:
    """Return the lines of all tasks in the last minutes that contain a text, the latest first."""
    since = int(time.time() // 60) - minutes + 1
    with registry.transaction() as db:
        rows = db.scalars(select(Activity).where(Activity.minute >= since))
        found = [Line(*line) for row in rows for line in row.body.get("lines", ())]
    wanted = [
        line for line in found if part.lower() in line.text.lower() and level in ("", line.level)
    ]
    return sorted(wanted, key=lambda line: line.at, reverse=True)[:MOST_LINES]


def forget(registry: Registry) -> None:
    """Forget minutes that no page shows any more."""
    with registry.transaction() as db:
        db.execute(delete(Activity).where(Activity.minute < int(time.time() // 60) - RETENTION))


def follow(registry: Registry, ended: threading.Event) -> None:
    """Write until the process ends, and then once more; a database that is away is asked later."""
    over = False
    while not over:
        over = ended.wait(EVERY)
        with contextlib.suppress(Exception):
            write(registry)


def components(registry: Registry, minutes: int, *, timeline: bool) -> dict[str, Any]:
    """Return the contract's HealthComponentCollection."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    read_ = read(registry, minutes)
    summary = summarise(read_)
    api: dict[str, Any] = {
        "id": "api",
        "display_name": "Registry API",
        "status": _status(summary.error_rate),
        "observed_at": now,
        "description": "Answers requests; all tasks together.",
        "metrics": {
            "requests": summary.total,
            "failed": summary.failed,
            "error_rate_percent": summary.error_rate,
            "average_seconds": round(summary.average or 0.0, 6),
            "p95_seconds": summary.p95 or 0.0,
            "p99_seconds": summary.p99 or 0.0,
        },
        "issues": _issues(summary.failed, summary.error_rate),
    }
    if timeline:
        api["timeline"] = [_point(minute) for minute in read_]
    parts = [api, _database(registry, now), _storage(registry, now)]
    for part in parts:
        # HealthMetricValue is one of integer, number, text, truth: a whole number is two of them,
        # so that a strict reader refuses it. As texts all are readable.
        part["metrics"] = {name: str(value) for name, value in part["metrics"].items()}
    return {
        "components": parts,
        "generated_at": now,
        "window_minutes": minutes,
    }


def _status(error_rate: float) -> str:
    return "ok" if error_rate < 1 else "degraded" if error_rate < 10 else "critical"


def _issues(failed: int, error_rate: float) -> list[dict[str, str]]:
    if not failed:
        return []
    severity = "warning" if error_rate < 10 else "error"
    said = f"{failed} requests failed ({error_rate} %)"
    return [{"code": "failed-requests", "severity": severity, "summary": said}]


def _point(minute: Minute) -> dict[str, Any]:
    at = datetime.fromtimestamp(minute.minute * 60, UTC)
    bucket = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"bucket": bucket, "value": minute.total, "unit": "requests/min"}


def _database(registry: Registry, now: str) -> dict[str, Any]:
    begun = time.perf_counter()
    with registry.transaction() as db:
        states = db.execute(select(Artifact.state, func.count()).group_by(Artifact.state))
        counts = dict(states.tuples().all())
    return {
        "id": "database",
        "display_name": "PostgreSQL",
        "status": "ok",
        "observed_at": now,
        "metrics": {
            "artifacts": counts.get("ready", 0),
            "pending": counts.get("pending", 0),
            "query_seconds": round(time.perf_counter() - begun, 6),
        },
    }


def _storage(registry: Registry, now: str) -> dict[str, Any]:
    with registry.transaction() as db:
        rows = db.execute(
            select(Object.state, func.count(), func.sum(Object.size)).group_by(Object.state)
        )
        found = {state: (count, int(size or 0)) for state, count, size in rows}
    stored = found.get("kept", (0, 0))
    waste = found.get("garbage", (0, 0))[0]
    return {
        "id": "storage",
        "display_name": "Bucket",
        "status": "ok" if waste < 1000 else "degraded",
        "observed_at": now,
        "metrics": {"objects": stored[0], "bytes": stored[1], "to_be_removed": waste},
    }


def health_numbers(registry: Registry, minutes: int) -> dict[str, Any]:
    """Return the numbers of the dashboard."""
    return numbers(summarise(read(registry, minutes)))
