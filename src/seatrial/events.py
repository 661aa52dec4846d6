"""What happened, typed: emitted by ops from any thread, drawn by the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class StepStarted:
    """A named part of a verb begins."""

    name: str


@dataclass(frozen=True)
class StepEnded:
    """A named part of a verb ended; ``seconds`` is wall time."""

    name: str
    seconds: float
    detail: str = ""


@dataclass(frozen=True)
class StepFailed:
    """A named part of a verb failed or was interrupted; the error is reported separately."""

    name: str


@dataclass(frozen=True)
class ResourcesPlanned:
    """Terraform is about to create, change or destroy so many resources."""

    count: int


@dataclass(frozen=True)
class ResourceStarted:
    """Terraform begins with one resource; ``noun`` is the app file's, or the address."""

    address: str
    noun: str


@dataclass(frozen=True)
class ResourceChanged:
    """Terraform created, changed or destroyed one resource."""

    address: str
    action: str
    seconds: float


@dataclass(frozen=True)
class TaskChanged:
    """A task of a service moved to another state."""

    service: str
    task: str
    status: str
    reason: str = ""


@dataclass(frozen=True)
class DeploymentChanged:
    """A service's deployment moved to another state."""

    service: str
    status: str
    reason: str = ""


@dataclass(frozen=True)
class LogLine:
    """One line of a service's output; ``time`` is milliseconds since 1970, UTC."""

    service: str
    task: str
    time: int
    text: str


@dataclass(frozen=True)
class Note:
    """Something the user should know."""

    text: str
    warning: bool = False


Event = (
    StepStarted
    | StepEnded
    | StepFailed
    | ResourcesPlanned
    | ResourceStarted
    | ResourceChanged
    | TaskChanged
    | DeploymentChanged
    | LogLine
    | Note
)
Emit = Callable[[Event], None]
