"""Run: one task of a service's serving revision with another command, its output and exit code."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from seatrial.cloud import blueprints, logs, services
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError
from seatrial.events import Emit, LogLine, TaskChanged
from seatrial.model.app import App
from seatrial.resources.context import Context

POLL_SECONDS = 1.0  # between two looks at the task, at AWS's own pace
LATE_SECONDS = 6.0  # that the last lines may need to reach the log group


@dataclass(frozen=True)
class RunReport:
    """How a task ended; ``exit_code`` is None where its program never started."""

    service: str
    task: str
    exit_code: int | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)


def run(app: App, session: Session, service: str, command: list[str], emit: Emit) -> RunReport:
    """Run a command in a task of its own, with the service's image, roles, network and variables.

    Emits its output as it comes. Raises UserError where no task starts, UsageError for an unknown
    service.
    """
    cluster = Context(app).name("service")
    given = blueprints.of(session, cluster, service)
    if given is None:
        raise UsageError(
            Problem(
                "usage-service",
                f"no service `{service}` serves",
                "List them with `seatrial status`.",
            )
        )
    arn = services.run(
        session, cluster, given.definition, given.network, command=(given.container, command)
    )
    emit(TaskChanged(service, arn, "started"))
    stream = logs.stream(given.stream_prefix, given.container, arn.rsplit("/", 1)[-1])
    ended = _follow(session, cluster, arn, _Output(session, service, given.group, stream, emit))
    return RunReport(service, ended.id, ended.exit_code, ended.reason)


@dataclass
class _Output:
    """A task's stream of lines, each emitted once."""

    session: Session
    service: str
    group: str
    stream: str
    emit: Emit
    start: int = 0

    def __post_init__(self) -> None:
        self.seen: set[str] = set()

    def show(self) -> int:
        """Emit the lines that came since; returns how many."""
        new = [
            line
            for line in logs.lines(self.session, self.group, self.start, self.stream)
            if line.id not in self.seen
        ]
        for line in new:
            self.seen.add(line.id)
            self.emit(
                LogLine(self.service, line.stream.rsplit("/", 1)[-1][:8], line.time, line.text)
            )
        return len(new)


def _follow(session: Session, cluster: str, arn: str, output: _Output) -> services.Stopped:
    """Wait for a task's end, showing its lines; the last ones may come after it."""
    pause = POLL_SECONDS / session.target.pace
    while (ended := services.ended(session, cluster, arn)) is None:
        output.show()
        time.sleep(pause)
    deadline = time.monotonic() + LATE_SECONDS / session.target.pace
    while time.monotonic() < deadline:
        output.show()
        time.sleep(pause)
    output.show()
    return ended
