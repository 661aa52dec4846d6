"""Health of a target, from its probes: so many good or bad answers in a row change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

State = Literal["initial", "healthy", "unhealthy", "draining"]


@dataclass(frozen=True)
class TargetHealth:
    """What is known of one target."""

    state: State = "initial"
    good: int = 0
    bad: int = 0
    why: str = ""


def after(
    health: TargetHealth, *, good: bool, why: str, healthy: int, unhealthy: int, early: bool = False
) -> TargetHealth:
    """Return the health after one more probe (ELB user guide, "Health checks").

    A target that was just registered is asked until it answered often enough; it turns unhealthy
    after as many bad answers as any other, which the grace period may forgive. ``early`` is the
    time that a program has for its start: bad answers count in it, but it stays initial. The pace
    divides the pauses between probes and never that time, which is a limit on the app.
    """
    if health.state == "draining":
        return health
    if good:
        count = health.good + 1
        state: State = "healthy" if count >= healthy else health.state
        return TargetHealth(state, count, 0, "" if state == "healthy" else health.why)
    count = health.bad + 1
    if count >= unhealthy and not (early and health.state == "initial"):
        return TargetHealth("unhealthy", 0, count, why)
    return replace(health, good=0, bad=count, why=why)
