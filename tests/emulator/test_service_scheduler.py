"""ECS's behaviour, by comparison and by playing random worlds with a clock of our own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial_emulator.api.ecs_limits import failure_threshold
from seatrial_emulator.ecs.service_scheduler import decide, pause
from seatrial_emulator.ecs.types import (
    Complete,
    DeploymentSeen,
    Drain,
    Fail,
    Forgive,
    Kill,
    Launch,
    Observed,
    Retire,
    ServiceSeen,
    Start,
    TaskSeen,
    Terminate,
)

NEW, OLD = DeploymentSeen("new"), DeploymentSeen("old", "COMPLETED")


def service(desired: int = 1, *deployments: DeploymentSeen, **rest: object) -> ServiceSeen:
    """Return a service."""
    return ServiceSeen("s", desired, deployments or (NEW,), **rest)  # type: ignore[arg-type]


def task(name: str, deployment: str = "new", phase: str = "running", **rest: object) -> TaskSeen:
    """Return a task."""
    return TaskSeen(name, "s", deployment, phase, **rest)  # type: ignore[arg-type]


def test_a_service_below_its_desired_count_launches_tasks():
    """A service with fewer tasks than wanted gets the rest at once."""
    assert [Launch("s", "new")] * 2 == decide(Observed((service(2),), ()), 0)


def test_a_steady_service_completes_its_deployment_and_changes_nothing():
    """A deployment whose tasks all run and are well is complete."""
    seen = Observed((service(1),), (task("a", health="healthy"),))
    assert [Complete("s", "new")] == decide(seen, 0)
    done = Observed((service(1, replace(NEW, rollout="COMPLETED")),), seen.tasks)
    assert decide(done, 0) == []


def test_an_old_task_stays_until_the_new_one_is_healthy():
    """With minimum 100 %, the old task goes only after the new one is well."""
    both = (service(1, NEW, OLD),)
    waiting = Observed(both, (task("n", health="initial"), task("o", "old", health="healthy")))
    assert decide(waiting, 0) == []
    ready = Observed(both, (task("n", health="healthy"), task("o", "old", health="healthy")))
    assert [Retire("o", "Scaling activity initiated by (deployment new)")] == decide(ready, 0)


def test_a_stopping_task_drains_then_gets_sigterm_then_sigkill():
    """A task that is no longer wanted leaves traffic, gets SIGTERM, and is killed in the end."""
    gone = task("a", wanted=False, drains=3, stop_timeout=30)
    world = (service(0, replace(NEW, rollout="COMPLETED")),)
    assert [Drain("a")] == decide(Observed(world, (gone,)), 0)
    draining = replace(gone, phase="draining", since=10)
    assert decide(Observed(world, (draining,)), 12) == []
    assert [Terminate("a")] == decide(Observed(world, (draining,)), 13)
    stopping = replace(gone, phase="stopping", since=13)
    assert decide(Observed(world, (stopping,)), 42) == []
    assert [Kill("a")] == decide(Observed(world, (stopping,)), 43)


def test_draining_lasts_its_real_time_while_requests_are_in_flight():
    """A draining task with requests in progress has the whole delay, without them the paced one."""
    gone = task("a", phase="draining", wanted=False, since=0, drains=3, drains_busy=30)
    world = (service(0, replace(NEW, rollout="COMPLETED")),)
    assert [Terminate("a")] == decide(Observed(world, (gone,)), 3)
    busy = replace(gone, busy=True)
    assert decide(Observed(world, (busy,)), 29) == []
    assert [Terminate("a")] == decide(Observed(world, (busy,)), 30)


def test_an_unhealthy_task_is_replaced_only_after_the_grace_period():
    """Failing health checks are forgiven during the grace period; then a replacement starts, and
    the sick task stops when the replacement is well."""
    unhealthy = task("a", health="unhealthy", started=0)
    seen = Observed((service(1, grace=30),), (unhealthy,))
    assert decide(seen, 29) == []
    assert decide(seen, 30) == [Launch("s", "new")]
    coming = task("b", health="initial", started=31)
    assert decide(Observed(seen.services, (unhealthy, coming)), 32) == []
    both = Observed(seen.services, (unhealthy, replace(coming, health="healthy", well_since=35)))
    assert Retire("a", "", failed=True) in decide(both, 36)


def test_an_unhealthy_task_stops_first_when_the_maximum_leaves_no_room():
    """Where the maximum leaves no room for a replacement, the sick task stops first."""
    unhealthy = task("a", health="unhealthy", started=0)
    full = Observed((service(1, maximum=100),), (unhealthy,))
    assert decide(full, 1) == [Retire("a", "", failed=True), Launch("s", "new")]
    rolling = Observed((service(1, NEW, OLD),), (unhealthy, task("o", "old", health="healthy")))
    assert Retire("a", "", failed=True) in decide(rolling, 1)


def test_what_still_serves_stays_while_an_earlier_release_is_put_back():
    """The release before fails its health checks, its replacement is not healthy yet, and the
    maximum is reached: the replacement makes room, the failing task serves until the new one is
    healthy (the balancer fails open to it)."""
    serving = task("o", "old", health="unhealthy", started=0)
    coming = task("p", "old", health="initial", started=5)
    deployments = (service(1, NEW, OLD),)
    first = decide(Observed(deployments, (serving, coming)), 10)
    assert first == [
        Retire("p", "Scaling activity initiated by (deployment new)"),
        Launch("s", "new"),
    ]
    new = task("n", health="initial", started=11)
    assert decide(Observed(deployments, (serving, new)), 12) == []
    well = replace(new, health="healthy", well_since=14)
    assert Retire("o", "", failed=True) in decide(Observed(deployments, (serving, well)), 15)


def test_a_deployment_stops_on_request():
    """StopServiceDeployment with ROLLBACK goes back to the completed one, ABORT stays."""
    requested = replace(NEW, stop="ROLLBACK")
    old = task("o", "old", health="healthy")
    seen = Observed((service(1, requested, OLD),), (old,))
    assert Fail("s", "new", "old", requested=True) in decide(seen, 1)
    seen = Observed((service(1, replace(requested, stop="ABORT"), OLD),), (old,))
    assert Fail("s", "new", "", requested=True) in decide(seen, 1)
    done = replace(requested, rollout="COMPLETED")
    well = task("n", health="healthy", well_since=1)
    assert decide(Observed((service(1, done),), (well,)), 2) == []


def test_the_circuit_breaker_rolls_back_to_the_last_completed_deployment():
    """Three failures end a deployment; the completed one before it is rolled back to."""
    bad = replace(NEW, failures=3)
    seen = Observed((service(1, bad, OLD),), (task("o", "old", health="healthy"),))
    assert Fail("s", "new", "old") in decide(seen, 1000)
    first = Observed((service(1, bad),), ())
    assert Fail("s", "new", "") in decide(first, 1000)


def test_a_healthy_task_resets_the_failure_count():
    """A task that turns healthy after the last failure: counting begins at 0, as on AWS."""
    bad = replace(NEW, failures=3, last_failure=50)
    well = task("n", health="healthy", well_since=60)
    assert Forgive("s", "new") in decide(Observed((service(2, bad, OLD),), (well,)), 100)
    before = replace(well, well_since=40)
    seen = Observed((service(2, bad, OLD),), (before,))
    assert Fail("s", "new", "old") in decide(seen, 100)
    strict = Observed((service(2, bad, OLD, forgives=False),), (well,))
    assert Fail("s", "new", "old") in decide(strict, 100)
    worker = Observed((service(2, bad, OLD),), (task("n"),))  # nothing checks it: never healthy
    assert Fail("s", "new", "old") in decide(worker, 100)


def test_launches_pause_after_failed_starts():
    """After failures the next start waits, longer each time, at most fifteen minutes."""
    held = Observed((service(1, replace(NEW, failures=2, last_failure=100), breaker=False),), ())
    assert decide(held, 105) == []
    assert [Launch("s", "new")] == decide(held, 110)
    assert pause(50, 1) == 900
    assert pause(50, 10) == 90


@pytest.mark.parametrize(("desired", "expected"), [(1, 3), (6, 3), (20, 10), (1000, 200)])
def test_the_failure_threshold_is_that_of_aws(desired, expected):
    """Half of the desired count, at least 3, at most 200."""
    assert expected == failure_threshold(desired)


QUIET = 100  # seconds: longer than any grace period of these worlds


class World:
    """Plays a service: starts take a second, some tasks are bad."""

    def __init__(
        self, desired: int, old: int, bad: set[int], maximum: int, *, broken: bool = False
    ) -> None:
        self.service = service(desired, NEW, OLD, maximum=maximum)
        self.tasks = {f"o{n}": task(f"o{n}", "old", health="healthy") for n in range(old)}
        self.bad, self.made, self.clock, self.least = bad, 0, 0.0, old
        self.most, self.broken = 0, broken

    def step(self) -> None:
        """Let a second pass."""
        self.clock += 1
        for action in decide(Observed((self.service,), tuple(self.tasks.values())), self.clock):
            self.do(action)
        for name, seen in list(self.tasks.items()):
            if seen.phase == "starting":
                unhealthy = name in {f"n{n}" for n in self.bad}
                unhealthy = unhealthy or (self.broken and seen.deployment == "new")
                self.tasks[name] = replace(
                    seen,
                    phase="running",
                    started=self.clock,
                    health="unhealthy" if unhealthy else "healthy",
                    well_since=0.0 if unhealthy else self.clock,
                )
        ready = sum(t.ready for t in self.tasks.values())
        self.least = min(self.least, ready)
        self.most = max(self.most, sum(t.live for t in self.tasks.values()))

    def run(self, seconds: int) -> None:
        """Let seconds pass; end early where all is done and nothing changed for a while."""
        still = 0
        for _ in range(seconds):
            before = (self.service, dict(self.tasks))
            self.step()
            still = still + 1 if (self.service, self.tasks) == before and self.done else 0
            if still == QUIET:
                return

    @property
    def done(self) -> bool:
        """Whether nothing is left to do: the count is reached, and every task is well."""
        wanted = self.service.desired
        rollout = self.service.deployments[0].rollout
        well = [task for task in self.tasks.values() if task.ready]
        return rollout == "COMPLETED" and len(well) == len(self.tasks) == wanted

    def do(self, action: object) -> None:
        """Do an action at once."""
        primary = self.service.deployments[0]
        match action:
            case Launch():
                self.made += 1
                self.tasks[f"n{self.made}"] = task(f"n{self.made}", primary.id, "new")
            case Start(name):
                self.tasks[name] = replace(self.tasks[name], phase="starting")
            case Retire(name, _, failed):
                self.tasks[name] = replace(self.tasks[name], wanted=False)
                if failed:
                    self.change(
                        replace(primary, failures=primary.failures + 1, last_failure=self.clock)
                    )
            case Terminate(name) | Kill(name):
                self.tasks.pop(name)
            case Forgive():
                self.change(replace(primary, failures=0))
            case Complete():
                self.service = replace(
                    self.service, deployments=(replace(primary, rollout="COMPLETED"),)
                )
            case Fail(_, _, back):
                self.change(replace(primary, rollout="FAILED"))
                if back:
                    self.service = replace(
                        self.service,
                        deployments=(DeploymentSeen("back"), *self.service.deployments),
                    )

    def change(self, primary: DeploymentSeen) -> None:
        """Replace the primary deployment."""
        self.service = replace(self.service, deployments=(primary, *self.service.deployments[1:]))


@settings(max_examples=120, deadline=None)
@given(st.integers(2, 8), st.sets(st.integers(1, 30)), st.sampled_from([150, 200]))
def test_a_rolling_deployment_stays_between_minimum_and_maximum_percent(desired, bad, maximum):
    """Whatever fails: as many healthy tasks as before, never more than the maximum, and an end."""
    world = World(desired, desired, bad, maximum)
    world.run(4000)
    assert world.least >= desired
    assert world.most <= max(desired * maximum // 100, desired + 1)
    assert world.service.deployments[0].rollout == "COMPLETED" or bad


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 12), st.sampled_from([120, 150, 200]), st.sampled_from([0, 50, 100]),
    st.floats(0, 90),
)  # fmt: skip
def test_a_broken_release_always_ends_on_the_completed_deployment(desired, maximum, minimum, grace):
    """Whatever the numbers: a release of which no task gets well is rolled back."""
    world = World(desired, desired, set(), maximum, broken=True)
    world.service = replace(world.service, minimum=minimum, grace=grace)
    world.run(3000)
    primary = world.service.deployments[0]
    # Else no task can be replaced at all: such a deployment never ends, here as on AWS.
    if maximum * desired // 100 > desired or -(-desired * minimum // 100) < desired:
        assert (primary.id, primary.rollout) == ("back", "COMPLETED")
    ready = [t for t in world.tasks.values() if t.ready]
    assert len(ready) == desired
    assert world.least >= -(-desired * minimum // 100)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["up", "down", "kill", "again"])),
             max_size=12),
)  # fmt: skip
def test_any_sequence_of_events_converges(desired, events):
    """Counts changed, tasks killed, deployments forced in between: at rest all is as wanted."""
    world = World(desired, desired, set(), 200)
    for number, (pause_, what) in enumerate(events):
        for _ in range(pause_):
            world.step()
        happen(world, what, number)
    world.run(1500)
    primary = world.service.deployments[0]
    assert primary.rollout == "COMPLETED"
    assert [t.deployment for t in world.tasks.values()] == [primary.id] * world.service.desired
    assert all(t.ready for t in world.tasks.values())


def happen(world: World, what: str, number: int) -> None:
    """Let something happen from outside."""
    wanted = world.service.desired
    if what == "up":
        world.service = replace(world.service, desired=wanted + 1)
    elif what == "down":
        world.service = replace(world.service, desired=max(0, wanted - 1))
    elif what == "kill" and world.tasks:
        world.tasks.pop(sorted(world.tasks)[0])
    elif what == "again":
        forced = DeploymentSeen(f"forced{number}")
        world.service = replace(world.service, deployments=(forced, *world.service.deployments))
