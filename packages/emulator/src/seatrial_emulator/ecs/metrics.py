"""What tasks use, as CloudWatch shows it; a task over its memory is killed, as on Fargate.

Source: ECS developer guide, "Amazon ECS CloudWatch metrics" (use against what the task
definition reserves, a point each minute); "Stopped tasks error messages" (OutOfMemoryError).
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from seatrial_emulator.api import aws_messages
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.ecs import observation, unrouted
from seatrial_emulator.ecs.database_metrics import DatabaseMeter, Point
from seatrial_emulator.ecs.metric_store import MetricStore
from seatrial_emulator.ecs.task_runner import Local, Runner
from seatrial_emulator.servers import process_tree

LOOK_SECONDS = 1.0
FULL = 0.8  # the part of this machine's CPUs above which one task more would only slow the others
EASILY, FRESH_SECONDS = 5, 3.0  # how much more often new tasks are looked at, and how long
Counts = dict[str, float]
RECENT = 600  # counts of a second and a target group that are remembered


@dataclass
class MetricsCollector:
    """Reads every task's processes once a second, beside the controller's ticks."""

    emulator: Emulator
    runner: Runner
    pace: float
    note: Callable[[str], None]
    meter: DatabaseMeter
    before: dict[str, tuple[float, float]] = field(default_factory=dict)
    used: dict[str, tuple[float, float]] = field(default_factory=dict)  # CPU s a second; bytes
    unrouted: set[str] = field(default_factory=set)  # the services of whom that was noted
    reported: float = 0.0
    traffic: dict[str, Counts] = field(default_factory=dict)
    recent: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=RECENT))
    number: int = 0  # of the last of them
    minutes: MetricStore = field(init=False)

    def __post_init__(self) -> None:
        self.minutes = MetricStore(self.emulator, self.pace, self.note)

    def run(self, stopped: threading.Event) -> None:
        """Look until stopped: at new tasks often, since many a one dies of its start."""
        for tick in count():
            if stopped.wait(LOOK_SECONDS / EASILY):
                return
            for arn, local in list(self.runner.tasks.items()):
                fresh = time.monotonic() - local.started < FRESH_SECONDS
                alive = local.handle and local.phase in ("running", "draining")
                if alive and (fresh or tick % EASILY == 0):
                    self._look(arn, local)
            if time.monotonic() - self.reported >= 60 / self.pace:
                self.reported = time.monotonic()
                points = self.meter.read()
                with self.emulator.lock:
                    self._tell(points)
                    self.minutes.pass_(room=self._room())

    def add(self, group: str, seen: Counts) -> None:
        """Add what the balancer saw of a target group since it last reported."""
        with self.emulator.lock:
            self.number += 1
            row = {"number": self.number, "at": time.time(), "group": group, "counts": seen}
            self.recent.append(row)
            counts = self.traffic.setdefault(group, {})
            for name, number in seen.items():
                counts[name] = counts.get(name, 0.0) + number

    def counted(self, after: int) -> list[dict[str, Any]]:
        """Return what the balancer counted since a number: `{number, at, group, counts}`."""
        with self.emulator.lock:
            return [row for row in self.recent if row["number"] > after]

    def _room(self) -> bool:
        """Whether the tasks leave CPU for another; other programs of the machine come and go."""
        return sum(cpu for cpu, _ in self.used.values()) < FULL * (os.cpu_count() or 1)

    def _look(self, arn: str, local: Local) -> None:
        if local.handle is None:
            return
        seconds, memory = process_tree.use(local.handle.root)
        now = time.monotonic()
        at, had = self.before.get(arn, (now, seconds))
        self.before[arn] = now, seconds
        if now > at:
            self.used[arn] = max(0.0, seconds - had) / (now - at), memory
            self._look_out(local)
        if local.memory and memory > local.memory and self._really(local):
            local.killed = aws_messages.MEMORY
            self.runner.kill(arn)

    def _look_out(self, local: Local) -> None:
        """Note it once of a service whose program goes out without the proxy."""
        if local.handle is None or local.name in self.unrouted:
            return
        if unrouted.count(local.handle.process.pid):
            self.unrouted.add(local.name)
            self.note(unrouted.NOTE.format(service=local.name))

    @staticmethod
    def _really(local: Local) -> bool:
        """Shared pages count once: look again, more slowly, before something is killed."""
        return (
            local.handle is not None and process_tree.own(local.handle.process.pid) > local.memory
        )

    def _tell(self, points: list[Point]) -> None:
        """Put a point of each metric, and the databases' points; holds the lock."""
        now = datetime.now(UTC).replace(tzinfo=None)  # as moto stores and compares them
        rows = [
            _row("AWS/RDS", metric, {"DBInstanceIdentifier": name}, value=value, unit=unit, at=now)
            for name, metric, value, unit in points
        ]
        for key, service in self.emulator.backend("ecs").services.items():
            rows += self._service(key, service, now)
        for arn, counts in self.traffic.items():
            rows += _traffic(self.emulator, arn, counts, now)
        rows += [row for arn in self.emulator.state.target_groups for row in self._hosts(arn, now)]
        self.traffic = {}
        known = set(self.runner.tasks)
        self.before = {arn: v for arn, v in self.before.items() if arn in known}
        self.used = {arn: v for arn, v in self.used.items() if arn in known}
        backend = self.emulator.backend("cloudwatch")
        for row in rows:
            backend.put_metric_data(row.pop("namespace"), [row])
        _bound(backend)

    def _service(self, key: str, service: Any, now: datetime) -> list[dict[str, Any]]:
        mine = [
            t.task_arn
            for t in observation.records(self.emulator)
            if observation.task_service(t) == key
        ]
        used = [self.used[arn] for arn in mine if arn in self.used]
        if not used:
            return []  # nor does AWS send anything of a service without tasks
        definition = self.emulator.backend("ecs").describe_task_definition(service.task_definition)
        cores = int(definition.cpu or 256) / 1024
        room = int(definition.memory or 512) * 1024 * 1024
        dimensions = {"ClusterName": service.cluster_name, "ServiceName": service.name}
        # A task on AWS cannot take more than its size; one here is not held back.
        cpu = sum(min(100 * u[0] / cores, 100.0) for u in used) / len(used)
        memory = 100 * sum(u[1] for u in used) / len(used) / room
        return [
            _row(
                "AWS/ECS",
                "CPUUtilization",
                dimensions=dimensions,
                value=cpu,
                unit="Percent",
                at=now,
            ),
            _row(
                "AWS/ECS",
                "MemoryUtilization",
                dimensions=dimensions,
                value=memory,
                unit="Percent",
                at=now,
            ),
            _row(
                "ECS/ContainerInsights",
                "RunningTaskCount",
                dimensions=dimensions,
                value=len(used),
                unit="Count",
                at=now,
            ),
        ]

    def _hosts(self, arn: str, now: datetime) -> list[dict[str, Any]]:
        """Return how many targets of a group are healthy; a group without targets sends nothing."""
        targets = self.emulator.state.target_group(arn).targets.values()
        dimensions = _dimensions(self.emulator, arn)
        if not targets or not dimensions:
            return []
        healthy = sum(target.health == "healthy" for target in targets)
        unhealthy = sum(target.health == "unhealthy" for target in targets)
        return [
            _row(
                "AWS/ApplicationELB",
                name,
                dimensions=dimensions,
                value=value,
                unit="Count",
                at=now,
            )
            for name, value in (("HealthyHostCount", healthy), ("UnHealthyHostCount", unhealthy))
        ]


def _dimensions(emulator: Emulator, arn: str) -> dict[str, str]:
    """Return how CloudWatch names a target group; empty for one that no balancer uses."""
    group = emulator.backend("elbv2").target_groups.get(arn)
    balancers = list(group.load_balancer_arns or []) if group else []
    if not balancers:
        return {}
    return {
        "TargetGroup": arn.rsplit(":", 1)[-1],
        "LoadBalancer": str(balancers[0]).split(":loadbalancer/")[-1],
    }


def _traffic(emulator: Emulator, arn: str, counts: Counts, now: datetime) -> list[dict[str, Any]]:
    """Return a target group's points (ELB user guide, "CloudWatch metrics").

    The balancer's own errors are the balancer's alone.
    """
    dimensions = _dimensions(emulator, arn)
    if not dimensions:
        return []
    balancer = {"LoadBalancer": dimensions["LoadBalancer"]}
    found = [
        _row(
            "AWS/ApplicationELB",
            name,
            dimensions=balancer if "_ELB_" in name else dimensions,
            value=number,
            unit="Count",
            at=now,
        )
        for name, number in counts.items()
        if name != "seconds"
    ]
    if counts.get("RequestCount"):
        mean = counts.get("seconds", 0.0) / counts["RequestCount"]
        found.append(
            _row(
                "AWS/ApplicationELB",
                "TargetResponseTime",
                dimensions=dimensions,
                value=mean,
                unit="Seconds",
                at=now,
            )
        )
    return found


def _row(
    namespace: str, name: str, dimensions: dict[str, str], value: float, unit: str, at: datetime
) -> dict[str, Any]:
    return {
        "namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
        "Value": value,
        "Unit": unit,
        "Timestamp": at,
    }


MOST_POINTS = 20_000


def _bound(backend: Any) -> None:
    """CloudWatch keeps points on its disks; here the newest ones stay."""
    data = backend.metric_data
    if len(data) > MOST_POINTS:
        del data[: len(data) - MOST_POINTS]
