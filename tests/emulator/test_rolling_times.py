"""The arithmetic of rolling deployments, to the second, with a clock of our own.

The expected numbers are those of measured AWS parts (a Fargate task of 413 MB starts in 57 s; the
app takes 5 s; health checks 5 s x 2; draining 30 s; the app ends in 2 s), summed by hand.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial_emulator.ecs.service_scheduler import decide, pause
from seatrial_emulator.ecs.types import (
    Complete,
    DeploymentSeen,
    Drain,
    Fail,
    Kill,
    Launch,
    Observed,
    Retire,
    ServiceSeen,
    Start,
    TaskSeen,
    Terminate,
)

PULL, APP = 57, 5


class Clockwork:
    """One service on AWS's own times; a tick is a second."""

    def __init__(self, desired: int, *, health: int, drain: int, stop: int, crash: bool) -> None:
        self.health, self.drain, self.stop, self.crash = health, drain, stop, crash
        new, old = DeploymentSeen("new"), DeploymentSeen("old", "COMPLETED")
        self.service = ServiceSeen("s", desired, (new, old))
        self.tasks = {f"o{n}": self.task(f"o{n}", "old", "running") for n in range(desired)}
        self.clock, self.made, self.reported = 0.0, 0, dict[str, float]()

    def task(self, name: str, deployment: str, phase: str) -> TaskSeen:
        """Return a task; old ones are well."""
        health = "healthy" if deployment == "old" else "initial"
        return TaskSeen(
            name, "s", deployment, phase, since=0.0 if deployment == "old" else self.clock,
            health=health, drains=self.drain, stop_timeout=30,
        )  # type: ignore[arg-type]  # fmt: skip

    def run(self, until: str, most: int = 5000) -> float:
        """Tick until something happened; return when."""
        while until not in self.reported:
            self._play()
            for action in decide(Observed((self.service,), tuple(self.tasks.values())), self.clock):
                self._do(action)
            if not any(t.deployment == "old" for t in self.tasks.values()):
                self.reported.setdefault("old gone", self.clock)
            assert self.clock < most, self.reported
            self.clock += 1
        return self.reported[until]

    def _play(self) -> None:
        """Let programs start, become healthy, crash and end."""
        for name, seen in list(self.tasks.items()):
            age = self.clock - seen.since
            if seen.phase == "starting" and age >= PULL:
                self.tasks[name] = replace(seen, phase="running", since=self.clock)
                if self.crash and seen.deployment == "new":
                    del self.tasks[name]
                    self._failed()
            elif seen.phase == "running" and seen.health == "initial" and age >= APP + self.health:
                self.tasks[name] = replace(seen, health="healthy", well_since=self.clock)
            elif seen.phase == "stopping" and age >= self.stop:
                del self.tasks[name]

    def _failed(self) -> None:
        first, *rest = self.service.deployments
        first = replace(first, failures=first.failures + 1, last_failure=self.clock)
        self.service = replace(self.service, deployments=(first, *rest))

    def _do(self, action: object) -> None:
        match action:
            case Launch(_, deployment):
                self.made += 1
                self.tasks[f"n{self.made}"] = self.task(f"n{self.made}", deployment, "new")
            case Start(name):
                self._move(name, "starting")
            case Retire(name):
                self.tasks[name] = replace(self.tasks[name], wanted=False)
            case Drain(name):
                self._move(name, "draining")
            case Terminate(name):
                self._move(name, "stopping")
            case Kill(name):
                del self.tasks[name]
            case Complete():
                self.reported.setdefault("complete", self.clock)
                first = replace(self.service.deployments[0], rollout="COMPLETED")
                self.service = replace(self.service, deployments=(first,))
            case Fail():
                self.reported.setdefault("failed", self.clock)

    def _move(self, name: str, phase: str) -> None:
        self.tasks[name] = replace(self.tasks[name], phase=phase, since=self.clock)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("health", "drain", "stop", "expected"),
    [(150, 300, 30, 542), (20, 60, 30, 172), (10, 30, 2, 104)],
    ids=["AWS's defaults", "Copilot's", "Seatrial's"],
)
def test_a_rolling_release_takes_its_health_draining_and_stop_times(health, drain, stop, expected):
    """Start, app, health, draining, stop: 542, 172 and 104 s; each hand-over costs one tick."""
    world = Clockwork(2, health=health, drain=drain, stop=stop, crash=False)
    over = world.run("old gone")
    assert expected <= over <= expected + 6
    assert PULL + APP + health <= world.reported["complete"] <= PULL + APP + health + 6


def test_three_crashes_at_start_trip_the_circuit_breaker():
    """One task wanted: three deaths of 57 s each, and the pauses between them; no old task goes."""
    world = Clockwork(1, health=10, drain=30, stop=2, crash=True)
    failed = world.run("failed")
    assert 3 * PULL + pause(2, 1) <= failed <= 3 * PULL + pause(2, 1) + 8
    assert world.tasks["o0"].wanted


def test_tasks_that_crash_together_trip_the_circuit_breaker_sooner():
    """Four wanted: four start and die together, which is more than the three that it takes."""
    world = Clockwork(4, health=10, drain=30, stop=2, crash=True)
    assert PULL <= world.run("failed") <= PULL + 4
