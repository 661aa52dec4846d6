"""What a doctor's visit learned: AWS's answers, and what AWS and programs wrote. No values of
secrets are in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# Where a text stands: a failed command's error, an event of a service, the reason of a deployment
# or of a task's end, the last lines of a task that failed, the newest lines of one that runs.
Source = Literal["error", "event", "rollout", "stop", "end", "log"]


@dataclass(frozen=True)
class Said:
    """A text; ``where`` is the call and field, or the file, that it was read from."""

    source: Source
    where: str
    text: str
    service: str = ""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task that failed (``code`` is ECS's stop code) or runs (no code)."""

    id: str
    service: str
    code: str = ""
    reason: str = ""
    exit_code: int | None = None
    digest: str = ""
    agent: str = ""  # the last status of ECS Exec's agent

    @property
    def where(self) -> str:
        """Return how the evidence names it."""
        return f"ecs.describe_tasks, task {self.id[:12]}"


@dataclass(frozen=True)
class FailedCheck:
    """A health check of the load balancer that fails, in ELB's words and with its own fix."""

    failure: str  # "code", "silent", "refused" or "closed"
    text: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """A target group; ``states`` are those of its targets."""

    name: str
    states: tuple[str, ...] = ()
    balanced: bool = True  # whether it belongs to a load balancer
    sticky: bool = False


@dataclass(frozen=True, kw_only=True)
class Network:
    """How a service's tasks reach AWS and the internet.

    ``routes`` has the target of each subnet's default route, empty where there is none;
    ``gateways`` the state of each NAT gateway; ``endpoints`` names such as ``ecr.api``; ``free``
    the free addresses of each subnet.
    """

    public: bool = False
    routes: Mapping[str, str] = field(default_factory=dict)
    gateways: Mapping[str, str] = field(default_factory=dict)
    endpoints: frozenset[str] = frozenset()
    free: Mapping[str, int] = field(default_factory=dict)
    lets_out: bool = True  # whether a security group allows TCP 443 outwards

    @property
    def cut_off(self) -> tuple[str, ...]:
        """Return the subnets without a way to the internet."""
        return tuple(
            subnet
            for subnet, to in sorted(self.routes.items())
            if not to or (to.startswith("igw-") and not self.public) or self.broken(to)
        )

    def broken(self, gateway: str) -> bool:
        """Return whether a route leads to a NAT gateway that does not work."""
        return gateway.startswith("nat-") and self.gateways.get(gateway) not in (
            "available",
            "pending",
        )


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service of ECS; ``well`` where all its tasks run, healthy where that is checked."""

    name: str
    desired: int = 1
    running: int = 1
    rollout: str = "COMPLETED"
    deployment: str = ""  # the newest service deployment's status, with its reason
    alarms: tuple[str, ...] = ()  # the alarms that ended it
    least: int = 100  # percent of tasks that stay healthy during a deployment
    most: int = 200
    image: str = ""
    plain: Mapping[str, str] = field(default_factory=dict)  # variables that are no secrets
    secrets: tuple[str, ...] = ()  # names or ARNs of the secrets that are injected
    exec_on: bool = False
    log_group: str = ""
    log_group_there: bool = True
    groups: tuple[Group, ...] = ()
    checks: tuple[FailedCheck, ...] = ()
    network: Network = field(default_factory=Network)
    paused: bool = False

    @property
    def failed(self) -> bool:
        """Return whether its newest deployment failed, whatever serves instead."""
        return self.rollout == "FAILED" or self.deployment.startswith("ROLLBACK")

    @property
    def serves(self) -> bool:
        """Return whether tasks run, and all healthy targets that are wanted are there."""
        states = [state for group in self.groups for state in group.states]
        healthy = not self.groups or "healthy" in states or self.desired == 0
        return self.running >= self.desired and healthy and "unhealthy" not in states


@dataclass(frozen=True, kw_only=True)
class Database:
    """An RDS instance; ``closed_to`` are the services that its security groups do not let in."""

    name: str
    status: str = "available"
    host: str = ""
    port: int = 5432
    version: str = ""
    extended: bool = False  # enrolled in paid Extended Support
    restarts: datetime | None = None
    events: tuple[str, ...] = ()
    closed_to: tuple[str, ...] = ()
    paused: bool = False


@dataclass(frozen=True)
class Secret:
    """A secret that an app names: a deleted one keeps its name for a while; an empty one has no
    value.
    """

    name: str
    state: Literal["there", "deleted", "absent", "empty"]


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate of ACM; ``records`` are the DNS records that prove the domain."""

    domain: str
    status: str
    reason: str = ""
    records: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A listener of a load balancer."""

    host: str
    port: int
    protocol: str


@dataclass(frozen=True, kw_only=True)
class Client:
    """An app client of Cognito."""

    name: str
    callbacks: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    uses_flows: bool = True
    has_secret: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """A site's first page and how long browsers may keep it."""

    site: str
    cached: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that was learned; ``unseen`` says what could not be looked at."""

    environment: str = "live"
    in_rehearsal: bool = False
    said: tuple[Said, ...] = ()
    services: tuple[Service, ...] = ()
    tasks: tuple[Task, ...] = ()
    databases: tuple[Database, ...] = ()
    secrets: tuple[Secret, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    listeners: tuple[Listener, ...] = ()
    clients: tuple[Client, ...] = ()
    pages: tuple[Page, ...] = ()
    refused: Mapping[str, float] = field(default_factory=dict)  # the balancer's own 502s and so on
    verified: tuple[tuple[str, str], ...] = ()  # code and evidence of what `verify` found
    lock: str = ""  # who holds the deploy lock of a command that is gone
    errored_state: str = ""  # a state that Terraform could not save
    spent: float = 0.0  # US dollars in the last days, and what they were estimated at
    estimated: float = 0.0
    unseen: tuple[str, ...] = ()

    def service(self, name: str) -> Service | None:
        """Return a service by name."""
        return next((s for s in self.services if s.name == name), None)
