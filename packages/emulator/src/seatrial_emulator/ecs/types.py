"""What the controller sees and what it may do; frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["new", "starting", "running", "draining", "stopping", "stopped"]
Checked = Literal["unchecked", "initial", "healthy", "unhealthy"]
Rollout = Literal["IN_PROGRESS", "COMPLETED", "FAILED"]


@dataclass(frozen=True)
class TaskSeen:
    """One task; times are seconds of a monotonic clock."""

    arn: str
    service: str
    deployment: str
    phase: Phase
    wanted: bool = True
    since: float = 0.0
    started: float = 0.0
    health: Checked = "unchecked"  # nothing checks it: running is enough
    unhealthy_reason: str = ""
    stop_timeout: float = 30.0
    drains: float = 0.0  # how long its targets drain; 0 where it has none
    drains_busy: float = 0.0  # how long while requests are in progress: a limit on the app, unpaced
    busy: bool = False  # whether requests are in progress
    well_since: float = 0.0  # when its targets became healthy; 0 where they are not

    @property
    def live(self) -> bool:
        """Return whether it counts among the tasks that serve or will serve."""
        return self.wanted and self.phase in ("new", "starting", "running")

    @property
    def ready(self) -> bool:
        """Return whether it runs and, where something checks it, was found well."""
        return self.live and self.phase == "running" and self.health in ("unchecked", "healthy")


@dataclass(frozen=True)
class DeploymentSeen:
    """One deployment of a service; the first of a service is its primary one."""

    id: str
    rollout: Rollout = "IN_PROGRESS"
    failures: int = 0
    last_failure: float = 0.0
    why: str = ""
    stop: Literal["", "ROLLBACK", "ABORT"] = ""  # what somebody asked for


@dataclass(frozen=True)
class ServiceSeen:
    """One service as its record says it should be."""

    key: str
    desired: int
    deployments: tuple[DeploymentSeen, ...]
    minimum: int = 100
    maximum: int = 200
    grace: float = 0.0
    breaker: bool = True
    rollback: bool = True
    forgives: bool = True  # a task that turns healthy sets the count of failures back
    pace: float = 1.0


@dataclass(frozen=True)
class Observed:
    """Everything at one moment."""

    services: tuple[ServiceSeen, ...]
    tasks: tuple[TaskSeen, ...]


@dataclass(frozen=True)
class Launch:
    """Create a task of a service's primary deployment."""

    service: str
    deployment: str


@dataclass(frozen=True)
class Start:
    """Start the program of a task that has none yet."""

    task: str


@dataclass(frozen=True)
class Retire:
    """Want a task no longer; ``failed`` counts against its deployment."""

    task: str
    reason: str
    failed: bool = False


@dataclass(frozen=True)
class Drain:
    """Take a task's targets out of traffic."""

    task: str


@dataclass(frozen=True)
class Terminate:
    """Send SIGTERM to a task's program."""

    task: str


@dataclass(frozen=True)
class Kill:
    """End a task at once; its stop timeout is over."""

    task: str


@dataclass(frozen=True)
class Complete:
    """A deployment reached its steady state."""

    service: str
    deployment: str


@dataclass(frozen=True)
class Fail:
    """A deployment is given up; ``rollback`` puts the last completed one back.

    ``asked`` where somebody stopped it, else the circuit breaker did.
    """

    service: str
    deployment: str
    rollback: str = ""
    requested: bool = False


@dataclass(frozen=True)
class Forgive:
    """A task became healthy after the last failure: the breaker counts from 0 again."""

    service: str
    deployment: str


Action = Launch | Start | Retire | Drain | Terminate | Kill | Complete | Fail | Forgive
