"""Logs: the lines of services, jobs and databases, from their log groups.

Access logs of the load balancer's health checks, two a second in a rehearsal, are left out unless
they are requested: they are none of the app's traffic. Those that fail are shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from seatrial.cloud import logs as groups
from seatrial.cloud.logs import Line
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError
from seatrial.events import Emit, LogLine
from seatrial.model.app import App
from seatrial.model.finding import nearest
from seatrial.resources.catalog import KINDS
from seatrial.resources.context import Context
from seatrial.target import Target

FOLLOW_SECONDS = 0.5
LATE_MILLISECONDS = 5000  # that a line may reach its group after another one of a later time
LEVELS = ("debug", "info", "warning", "error", "critical")
# Words of Python's logging, of PostgreSQL (manual, "Message Severity Levels") and of JavaScript's
# loggers for each level.
_RANKS = {
    **dict.fromkeys(("trace", "debug"), 0),
    **dict.fromkeys(("info", "notice", "log"), 1),
    **dict.fromkeys(("warn", "warning"), 2),
    "error": 3,
    **dict.fromkeys(("critical", "fatal", "panic"), 4),
}
_WORDS = "|".join(_RANKS)
_FIELD = re.compile(rf'"(?:level|levelname|severity)"\s*:\s*"({_WORDS})"', re.IGNORECASE)
_WORD = re.compile(rf"\b({_WORDS.upper()})\b")
_NEAR = 120  # characters within which a line of plain text has its level
_CONTINUED = re.compile(r"\s|Traceback |[\w.]+(Error|Exception)\b")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines: of ``names`` (all services and jobs where empty), of the last ``since`` seconds.

    ``pattern`` is searched in each line. ``level`` is the lowest of ``LEVELS`` that is shown.
    """

    names: tuple[str, ...] = ()
    since: float = 3600
    pattern: re.Pattern[str] | None = None
    level: str = ""
    health_checks: bool = False
    pause: float = FOLLOW_SECONDS  # between two looks while following


def named(app: App) -> list[str]:
    """Return everything that has logs."""
    return [*app.services, *app.jobs, *_exported(app)]


def logs(app: App, target: Target, wanted: Wanted, emit: Emit, go_on: Callable[[], bool]) -> None:
    """Emit the lines, oldest first; follow while ``go_on`` says so. Raises UsageError."""
    session, sources = Session(target), _sources(app, wanted.names)
    start = int((time.time() - wanted.since) * 1000)
    seen, chosen = set[str](), _Chosen(wanted, {} if wanted.health_checks else _checks(app))
    while True:
        found = [
            (line.time, name, line)
            for name, group in sources
            for line in groups.lines(session, group, start)
            if line.id not in seen
        ]
        for at, name, line in sorted(found, key=lambda row: row[0]):
            seen.add(line.id)
            if chosen(name, line):
                emit(LogLine(name, line.stream.rsplit("/", 1)[-1][:8], at, line.text))
        if not go_on():
            return
        if found:
            start = max(start, max(row[0] for row in found) - LATE_MILLISECONDS)
        time.sleep(wanted.pause)


def _sources(app: App, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return name and log group of everything that is wanted; raises UsageError."""
    programs = {n: [f"/{app.app}/{app.environment}/{n}"] for n in (*app.services, *app.jobs)}
    known = programs | _exported(app) if names else programs
    for name in names:
        if name not in known:
            text = f"there is no service, job or database `{name}`"
            raise UsageError(Problem("usage-service", text, nearest(name, known)))
    return [(name, group) for name in names or programs for group in known[name]]


def _exported(app: App) -> dict[str, list[str]]:
    """Return the log groups that other nouns have: what a database exports."""
    found: dict[str, list[str]] = {}
    for kind in KINDS:
        for resource in kind.build(Context(app)):
            if resource.type == "aws_cloudwatch_log_group":
                name = resource.noun.rpartition(".")[2]
                found.setdefault(name, []).append(str(resource.body["name"]))
    return found


@dataclass
class _Chosen:
    """Says of each line, in their order, whether it is wanted."""

    wanted: Wanted
    checks: Mapping[str, re.Pattern[str]]
    last: dict[str, int] = field(default_factory=dict)  # the level of each stream's last line

    def __call__(self, name: str, line: Line) -> bool:
        rank = self._rank(line)
        if name in self.checks and self.checks[name].search(line.text):
            return False
        if self.wanted.level and rank < LEVELS.index(self.wanted.level):
            return False
        return self.wanted.pattern is None or bool(self.wanted.pattern.search(line.text))

    def _rank(self, line: Line) -> int:
        """Return the level's rank; a continued line, as of a traceback, has the one before its."""
        rank = rank_of(line.text)
        if rank is None:
            continued = _CONTINUED.match(line.text)
            rank = self.last.get(line.stream, 1) if continued else 1
            if line.text.startswith("Traceback "):
                rank = max(rank, LEVELS.index("error"))
        self.last[line.stream] = rank
        return rank


def rank_of(text: str) -> int | None:
    """Return the rank of a line's level among ``LEVELS``; None where it has none."""
    found = _FIELD.search(text) or _WORD.search(text[:_NEAR])
    return _RANKS[found[1].lower()] if found else None


def _checks(app: App) -> dict[str, re.Pattern[str]]:
    """Return what the access log's line of a good health check looks like, by service.

    A path that people request too, `/`, tells nothing.
    """
    return {
        name: re.compile(rf'"GET {re.escape(service.health.path)} HTTP/1\.[01]" [23]\d\d')
        for name, service in app.services.items()
        if service.port and service.health.path != "/"
    }
