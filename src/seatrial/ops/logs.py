"""Logs: the lines of services and jobs, from their log groups.

Access logs of the load balancer's health checks, two a second in a rehearsal, are left out unless
they are requested: they are none of the app's traffic. Those that fail are shown.
"""

from __future__ import annotations

import re
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
    *,
    health_checks: bool = False,
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
    checks = {} if health_checks else _checks(app)
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
            if name in checks and checks[name].search(line.text):
                continue
            emit(LogLine(name, line.stream.rsplit("/", 1)[-1][:8], at, line.text))
        if not go_on():
            return
        if found:
            start = max(start, max(row[0] for row in found) - 5000)
        time.sleep(FOLLOW_SECONDS)


def _checks(app: App) -> dict[str, re.Pattern[str]]:
    """Return what the access log's line of a good health check looks like, by service.

    A path that people request too, `/`, tells nothing.
    """
    return {
        name: re.compile(rf'"GET {re.escape(service.health.path)} HTTP/1\.[01]" [23]\d\d')
        for name, service in app.services.items()
        if service.port and service.health.path != "/"
    }
