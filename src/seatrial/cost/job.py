"""A job: its runs on Fargate."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.cost.service import tasks
from seatrial.resources.graph import Resource

RUNS = Assumption("runs", 30, "runs, each job")
MINUTES = Assumption("minutes", 5, "minutes, each run of a job")


def _job(case: Case, resource: Resource) -> Iterator[Line]:
    hours = case.of(RUNS) * case.of(MINUTES) / 60
    yield from tasks(case, resource, hours=hours, most=hours)


COSTS = Costs(
    section="jobs",
    rules={"aws_scheduler_schedule": _job},
    free=frozenset({"aws_scheduler_schedule_group"}),
    assumptions=(
        RUNS,
        MINUTES,
    ),
)
