"""What the emulator knows of AWS's resources beside moto's records, by ARN.

moto's records say what a client asked for; what became of it lies here: a target's health, the
state of a database's engine, a service's deployments. The patches read it when moto answers, the
ECS and RDS code writes it. A record that is deleted takes its state along (``forget_deleted``).
Callers hold the emulator's lock.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

TargetKey = tuple[str, int]  # address and port
HealthState = Literal["initial", "healthy", "unhealthy", "draining"]
Stop = Literal["", "ROLLBACK", "ABORT"]


@dataclass
class TargetState:
    """One registered target; times are seconds of the monotonic clock."""

    health: HealthState = "initial"
    reason: str = ""
    registered_at: float = 0.0
    healthy_since: float = 0.0  # 0 where it is not healthy
    last_check: dict[str, Any] = field(default_factory=dict)  # the last health check's result


@dataclass
class TargetGroupState:
    """The targets of a target group that tasks registered."""

    targets: dict[TargetKey, TargetState] = field(default_factory=dict)


@dataclass
class TaskState:
    """A task: what stopped it (the ``stopCode`` of DescribeTasks)."""

    stop_code: str = "ServiceSchedulerInitiated"


@dataclass
class ServiceDeployment:
    """One service deployment (ECS API reference, data type ServiceDeployment)."""

    number: str
    deployment: str
    created: datetime
    source: ServiceDeployment | None = None
    status: str = "IN_PROGRESS"
    reason: str = ""
    finished: datetime | None = None
    stop: Stop = ""
    failures: int = 0
    rollback: dict[str, Any] = field(default_factory=dict)
    rollback_deployment: str = ""  # the deployment that puts the source back


@dataclass
class ServiceState:
    """A service: the fields that moto does not store, and its service deployments."""

    deployment_configuration: dict[str, Any] | None = None
    health_check_grace_period_seconds: int | None = None
    enable_execute_command: bool | None = None
    enable_ecs_managed_tags: bool | None = None
    availability_zone_rebalancing: str = "DISABLED"
    capacity_provider_strategy: list[dict[str, Any]] | None = None
    deployments: list[ServiceDeployment] = field(default_factory=list)  # the newest first

    @property
    def circuit_breaker(self) -> dict[str, Any]:
        """Return the settings of the deployment circuit breaker."""
        settings = self.deployment_configuration or {}
        breaker: dict[str, Any] = settings.get("deploymentCircuitBreaker") or {}
        return breaker


@dataclass
class DatabaseState:
    """An RDS instance: what its engine must do, and the status to show instead of moto's."""

    status: str | None = None
    password: str | None = None  # None: the one that its volume has
    source_snapshot: str = ""  # the snapshot that it begins with
    restore_point: tuple[str, datetime] | None = None  # an instance's RDS id, and the time
    reboot: bool = False
    stopped: bool = False  # its server is to be down until it is started again
    played: bool = False  # a server runs behind it, which is given its password
    applied: str | None = None  # the password that its server has
    waiting: dict[str, Any] = field(default_factory=dict)  # changes for the maintenance window


@dataclass
class SnapshotState:
    """A manual RDS snapshot: whether its volume is copied."""

    copied: bool = False


@dataclass
class ReplicationGroupState:
    """An ElastiCache replication group: the status to show instead of moto's."""

    status: str | None = None


@dataclass
class SecurityGroupRuleState:
    """A rule of a security group whose peer is a prefix list: its description."""

    description: str | None = None


@dataclass
class Store:
    """The state of one account and region: each map is by ARN.

    ``databases`` is by DbiResourceId instead, since the ARN of an RDS instance holds its name and
    changes with it (RDS user guide, "Renaming a DB instance").
    """

    tasks: dict[str, TaskState] = field(default_factory=dict)
    services: dict[str, ServiceState] = field(default_factory=dict)
    target_groups: dict[str, TargetGroupState] = field(default_factory=dict)
    databases: dict[str, DatabaseState] = field(default_factory=dict)
    snapshots: dict[str, SnapshotState] = field(default_factory=dict)
    replication_groups: dict[str, ReplicationGroupState] = field(default_factory=dict)
    security_group_rules: dict[str, SecurityGroupRuleState] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    room: bool = True  # Fargate has capacity for another task

    def task(self, arn: str) -> TaskState:
        """Return a task's state."""
        return self.tasks.setdefault(arn, TaskState())

    def service(self, arn: str) -> ServiceState:
        """Return a service's state."""
        return self.services.setdefault(arn, ServiceState())

    def target_group(self, arn: str) -> TargetGroupState:
        """Return a target group's state."""
        return self.target_groups.setdefault(arn, TargetGroupState())

    def database(self, resource_id: str) -> DatabaseState:
        """Return the state of an RDS instance."""
        return self.databases.setdefault(resource_id, DatabaseState())

    def snapshot(self, arn: str) -> SnapshotState:
        """Return the state of an RDS snapshot."""
        return self.snapshots.setdefault(arn, SnapshotState())

    def replication_group(self, arn: str) -> ReplicationGroupState:
        """Return the state of a replication group."""
        return self.replication_groups.setdefault(arn, ReplicationGroupState())


_STORES: dict[tuple[str, str], Store] = {}


def store(account: str, region: str) -> Store:
    """Return the state of an account and region.

    moto's patched methods have nothing but their account and region to find it by, as they have to
    find moto's own backends.
    """
    return _STORES.setdefault((account, region), Store())


def store_of(arn: str) -> Store:
    """Return the state of the account and region that an ARN names."""
    _, _, _, region, account, *_ = arn.split(":", 5)
    return store(account, region)


def forget_missing(states: dict[str, Any], live: Collection[str]) -> None:
    """Remove the state of every record that is gone; ``live`` are the keys of those there are."""
    for key in states.keys() - set(live):
        del states[key]
