"""Logs: the lines of services and jobs, from their log groups."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from seatrial.cloud import logs as groups
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError
from seatrial.events import Emit, LogLine
from seatrial.model.app import App
from seatrial.model.finding import nearest
from seatrial.target import Target

FOLLOW_SECONDS = 0.5


def logs(
    app: App,
    target: Target,
    names: Iterable[str],
    since: float,
    emit: Emit,
    go_on: Callable[[], bool],
) -> None:
    """Emit lines of the last ``since`` seconds, oldest first; follow while ``go_on`` says so."""
    session = Session(target)
    wanted = list(names) or [*app.services, *app.jobs]
    known = [*app.services, *app.jobs]
    for name in wanted:
        if name not in known:
            raise UsageError(
                Problem(
                    "usage-service", f"there is no service or job `{name}`", nearest(name, known)
                )
            )
    start = int((time.time() - since) * 1000)
    seen: set[str] = set()
    while True:
        found = []
        for name in wanted:
            group = f"/{app.app}/{target.environment}/{name}"
            found += [
                (line.time, name, line)
                for line in groups.lines(session, group, start)
                if line.id not in seen
            ]
        for at, name, line in sorted(found, key=lambda row: row[0]):
            seen.add(line.id)
            emit(LogLine(name, line.stream.rsplit("/", 1)[-1][:8], at, line.text))
        if not go_on():
            return
        if found:
            start = max(start, max(row[0] for row in found) - 5000)
        time.sleep(FOLLOW_SECONDS)
