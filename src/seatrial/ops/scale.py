"""Scale and restart: more, fewer or new tasks of the revision that serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seatrial.cloud import services
from seatrial.errors import Problem, UsageError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.model.finding import nearest
from seatrial.ops import composing
from seatrial.ops.release import record, stability
from seatrial.ops.release.operation import Destination, Operation, locked_operation


@dataclass(frozen=True)
class ScaleReport:
    """What was done to which services; ``count`` is None where only tasks were replaced."""

    services: tuple[str, ...]
    count: int | None
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)


def restart(app: App, place: Destination, names: list[str], emit: Emit) -> ScaleReport:
    """Replace the tasks of services (all of them where none is named) by new ones.

    Old tasks serve until new ones are healthy. Raises UsageError for an unknown service.
    """
    with locked_operation(app, place, "seatrial restart", emit) as work:
        chosen = _known(work, names)
        with work.steps.step("restart"):
            composing.compose(work)
            for name in chosen:
                services.force(work.session, work.cluster, name)
        stability.steady(work, chosen)
        return ScaleReport(tuple(chosen), None, work.steps.seconds)


def scale(app: App, place: Destination, name: str, count: int, emit: Emit) -> ScaleReport:
    """Let a service run ``count`` tasks at least, until the next deploy; waits for them."""
    with locked_operation(app, place, "seatrial scale", emit) as work:
        chosen = _known(work, [name])
        if note := _raised(work, name, count):
            emit(Note(note, warning=True))
        with work.steps.step("scale"):
            services.scale(work.session, work.cluster, name, count)
        stability.running(work, chosen)
        return ScaleReport(tuple(chosen), count, work.steps.seconds)


def least(work: Operation) -> dict[str, int]:
    """Return how many tasks each service of the release that serves runs at least."""
    served = record.app_of(work.served(), work.app.environment)
    return {name: found.count.min for name, found in sorted(served.services.items())}


def _raised(work: Operation, name: str, count: int) -> str:
    """Return a sentence where more tasks are wanted than the app file allows; empty otherwise."""
    most = record.app_of(work.served(), work.app.environment).services[name].count.most
    if count <= most:
        return ""
    return (
        f"{count} tasks are more than services.{name}.count.max ({most}): the maximum is {count} "
        f"until the next deploy, which sets it to {most} again"
    )


def _known(work: Operation, names: list[str]) -> list[str]:
    """Return the services of the serving release that are meant; raises UsageError."""
    served = record.app_of(work.served(), work.app.environment)
    problems = [
        Problem(
            "usage-service",
            f"no service `{name}` serves",
            nearest(name, served.services, "`seatrial status` lists them."),
        )
        for name in names
        if name not in served.services
    ]
    if problems:
        raise UsageError(*problems)
    return names or sorted(served.services)
