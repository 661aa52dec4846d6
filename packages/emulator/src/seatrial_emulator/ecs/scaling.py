"""Target tracking and alarms, as pure functions over points; one point is one minute of AWS.

Sources: Application Auto Scaling user guide, "Target tracking scaling policies" (it scales out for
any policy and in only when all agree; the alarms it makes for ECS look at 3 minutes above the
target and at 15 minutes below nine tenths of it); CloudWatch user guide, "Evaluating an alarm".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

OUT_POINTS, IN_POINTS, SLACK = 3, 15, 0.9
State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

_COMPARE = {
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "LessThanThreshold": lambda value, limit: value < limit,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit,
}


@dataclass(frozen=True)
class Goal:
    """One policy: its target and the metric's points, the newest last."""

    target: float
    points: tuple[float, ...]


@dataclass(frozen=True)
class Range:
    """What a scalable target allows, and whether its cooldowns are over."""

    low: int
    high: int
    may_grow: bool = True
    may_shrink: bool = True


def wanted(count: int, goals: Sequence[Goal], among: Range) -> int:
    """Return how many tasks a service should have now."""
    grown = [_grown(count, goal) for goal in goals]
    if among.may_grow and max(grown, default=count) > count:
        return min(max(grown), among.high)
    shrunk = [_shrunk(count, goal) for goal in goals]
    if among.may_shrink and shrunk and max(shrunk) < count:
        return max(max(shrunk), among.low)
    return count


def _grown(count: int, goal: Goal) -> int:
    last = goal.points[-OUT_POINTS:]
    if len(last) < OUT_POINTS or min(last) <= goal.target:
        return count
    return math.ceil(count * (sum(last) / len(last)) / goal.target)


def _shrunk(count: int, goal: Goal) -> int:
    last = goal.points[-IN_POINTS:]
    if len(last) < IN_POINTS or max(last) >= SLACK * goal.target:
        return count
    return min(max(math.ceil(count * (sum(last) / len(last)) / goal.target), 0), count)


@dataclass(frozen=True)
class Rule:
    """What an alarm compares."""

    comparison: str
    threshold: float
    periods: int
    to_alarm: int
    missing: str = "missing"


def judged(rule: Rule, points: Sequence[float | None], before: State) -> State:
    """Return an alarm's state after its newest periods; None is a period without data."""
    holds = _COMPARE.get(rule.comparison)
    if holds is None:
        return before
    known = [point for point in points if point is not None]
    gaps = len(points) - len(known)
    bad = sum(bool(holds(point, rule.threshold)) for point in known)
    if rule.missing == "breaching":
        bad += gaps
    if bad >= rule.to_alarm:
        return "ALARM"
    if not known and rule.missing == "missing":
        return "INSUFFICIENT_DATA"
    if not known and rule.missing == "ignore":
        return before
    return "OK"
