"""What CloudWatch and Auto Scaling do once a minute of AWS: judge alarms, move desired counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from seatrial_emulator.api.server import Emulator
from seatrial_emulator.ecs import scaling
from seatrial_emulator.ecs.scaling import Goal, Range, Rule

METRICS = {
    "ECSServiceAverageCPUUtilization": "CPUUtilization",
    "ECSServiceAverageMemoryUtilization": "MemoryUtilization",
}
_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Average": lambda values: sum(values) / len(values),
}


@dataclass
class MetricStore:
    """Everything that happens by the minute; callers hold the emulator's lock."""

    emulator: Emulator
    pace: float
    note: Callable[[str], None]
    moved: dict[str, float] = field(default_factory=dict)

    def pass_(self, *, room: bool) -> None:
        """Let a minute pass; without ``room`` on this machine no task is added."""
        for alarm in list(self.emulator.backend("cloudwatch").alarms.values()):
            if alarm.metric_name and alarm.statistic in _STATISTICS:
                self._judge(alarm)
        scaler = self.emulator.backend("application-autoscaling")
        for targets in scaler.targets.values():
            for target in targets.values():
                self._scale(scaler, target, room=room)

    def _points(
        self, namespace: str, name: str, dimensions: dict[str, str], period: float, count: int
    ) -> list[list[float]]:
        """Return the values of a metric by period, the newest period last."""
        now = datetime.now(UTC)
        step = timedelta(seconds=period / self.pace)
        found: list[list[float]] = [[] for _ in range(count)]
        for datum in self.emulator.backend("cloudwatch").metric_data:
            if (datum.namespace, datum.name) != (namespace, name):
                continue
            if {d.name: d.value for d in datum.dimensions} != dimensions:
                continue
            age = int((now - _aware(datum.timestamp)) / step)
            if 0 <= age < count:
                found[count - 1 - age].append(float(datum.value))
        return found

    def _judge(self, alarm: Any) -> None:
        periods = int(alarm.evaluation_periods or 1)
        rule = Rule(
            alarm.comparison_operator,
            float(alarm.threshold or 0),
            periods,
            int(alarm.datapoints_to_alarm or periods),
            alarm.treat_missing_data or "missing",
        )
        dimensions = {d.name: d.value for d in alarm.dimensions}
        rows = self._points(
            alarm.namespace, alarm.metric_name, dimensions, float(alarm.period or 60), periods
        )
        values = [_STATISTICS[alarm.statistic](row) if row else None for row in rows]
        state = scaling.judged(rule, values, alarm.state_value)
        if state != alarm.state_value:
            shown = ", ".join("-" if value is None else f"{value:.1f}" for value in values)
            reason = f"Threshold Crossed: [{shown}] against the threshold ({rule.threshold})."
            alarm.update_state(reason, "{}", state)

    def _scale(self, scaler: Any, target: Any, *, room: bool) -> None:
        _, cluster, name = target.resource_id.split("/")
        service = self.emulator.backend("ecs").services.get(f"{cluster}:{name}")
        policies = [p for p in scaler.policies.values() if p.resource_id == target.resource_id]
        bodies = [p.target_tracking_scaling_policy_configuration for p in policies]
        bodies = [body for body in bodies if body]
        if service is None or service.status != "ACTIVE" or not bodies:
            return
        since = time.monotonic() - self.moved.get(target.resource_id, 0.0)
        grow = min(float(b.get("ScaleOutCooldown", 300)) for b in bodies) / self.pace
        shrink = max(float(b.get("ScaleInCooldown", 300)) for b in bodies) / self.pace
        among = Range(
            int(target.min_capacity or 0),
            int(target.max_capacity or 0),
            since >= grow,
            since >= shrink,
        )
        goals = [goal for b in bodies if (goal := self._goal(b, cluster, name))]
        count = int(service.desired_count)
        wanted = scaling.wanted(count, goals, among)
        if wanted > count and not room:
            self.note(f"AWS would run {wanted} tasks of {name}; this machine's CPU is used up")
        elif wanted != count:
            service.desired_count = wanted
            self.moved[target.resource_id] = time.monotonic()

    def _goal(self, body: dict[str, Any], cluster: str, name: str) -> Goal | None:
        kind = (body.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType", "")
        if kind not in METRICS:
            return None
        dimensions = {"ClusterName": cluster, "ServiceName": name}
        rows = self._points("AWS/ECS", METRICS[kind], dimensions, 60, scaling.IN_POINTS)
        points = tuple(sum(row) / len(row) for row in rows if row)
        return Goal(float(body["TargetValue"]), points)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
