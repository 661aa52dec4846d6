"""How many tasks: one at most, a range that the hours change, and pauses between changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graphs import HEAD, one, refused
from seatrial.model.app import App
from seatrial.ops import cost
from seatrial.resources.catalog import graph

Make = Callable[..., App]
WORKER = "services: {worker: {build: ./api, command: run, count: %s}}\n"
HOURS = "{min: 2, schedule: {nights: {at: 0 20 * * *, min: 0}, days: {at: 0 8 * * *, min: 2}}}"


def test_one_stops_before_the_next_starts(app: Make):
    """A release stops the task before it starts the next one, and no zone is balanced by adding
    one; every other service keeps what it has until the new tasks are healthy.
    """
    names = ("minimum_healthy_percent", "maximum_percent")
    for count, wanted in (("one", (0, 100, "DISABLED")), ("1", (100, 200, "ENABLED"))):
        body = one(graph(app(HEAD + WORKER % count)), "aws_ecs_service", "worker").body
        found = tuple(body[f"deployment_{name}"] for name in names)
        assert (*found, body["availability_zone_rebalancing"]) == wanted


def vcpu_hours(app: Make, count: str) -> float:
    """Return what an estimate counts of Fargate's vCPU."""
    lines = cost.estimate(app(HEAD + WORKER % count)).lines
    return next(line.quantity for line in lines if "vCPU" in line.item)


def test_hours_change_the_range_and_the_estimate(app: Make):
    """Each moment is a scheduled action of the service's target; half of the hours cost half,
    and no alarm rings at night because no task runs.
    """
    made = graph(app(HEAD + WORKER % HOURS + "alarms: ops@example.com\n"))
    action = one(made, "aws_appautoscaling_scheduled_action", "worker_nights").body
    assert action["schedule"] == "cron(0 20 * * ? *)"
    assert action["scalable_target_action"] == [{"min_capacity": 0, "max_capacity": 0}]
    assert ("aws_cloudwatch_metric_alarm", "worker_running") not in made.by_address
    assert vcpu_hours(app, HOURS) == pytest.approx(vcpu_hours(app, "2") / 2)
    fridays = HOURS.replace("0 20 * * *", "0 20 * * FRI")
    assert vcpu_hours(app, fridays) == pytest.approx(vcpu_hours(app, "2") * (1 - 12 / 168))


@pytest.mark.G11
def test_pauses_are_the_apps(app: Make):
    """`cooldown` sets both pauses of every target of the service."""
    count = "{min: 1, max: 4, target: {cpu: 70%}, cooldown: {out: 30 s, in: 10 min}}"
    policy = one(graph(app(HEAD + WORKER % count)), "aws_appautoscaling_policy", "worker_cpu").body
    row = policy["target_tracking_scaling_policy_configuration"][0]
    assert (row["scale_out_cooldown"], row["scale_in_cooldown"]) == (30, 600)


@pytest.mark.parametrize(
    "count",
    [
        "{min: 2, single: true}",
        "{min: 1, single: true, schedule: {x: {at: 0 8 * * *, min: 2}}}",
        "{min: 1, schedule: {x: {at: 0 8 * * *, min: 2, max: 1}}}",
    ],
)
def test_a_number_that_contradicts_itself_is_refused(app: Make, count: str):
    """`single` is one at every hour; the upper end of a range is not below the lower one."""
    assert refused(app, HEAD + WORKER % count) == ["appfile-count"]
