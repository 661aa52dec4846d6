"""The line that shows what is in progress."""

from __future__ import annotations

from seatrial.cli.progress import Progress, clock
from seatrial.events import (
    DeploymentChanged,
    ResourceChanged,
    ResourcesPlanned,
    ResourceStarted,
    StepEnded,
    StepFailed,
    StepStarted,
)


def test_progress_counts_resources_and_names_slow_ones():
    """Counted resources, the slowest nouns with their time, the total and the expected time."""
    seen = Progress(expected=430)
    seen.record(StepStarted("foundation"), 100.0)
    seen.record(ResourcesPlanned(34), 101.0)
    for address, noun, at in (
        ("aws_db_instance.db", "databases.db", 102.0),
        ("aws_db_parameter_group.db", "databases.db", 110.0),
        ("aws_lb.main", "edge", 120.0),
        ("aws_vpc.main", "network", 131.5),
    ):
        seen.record(ResourceStarted(address, noun), at)
    seen.record(ResourceChanged("aws_iam_role.x", "created", 1), 131.0)
    assert seen.line(132.0) == (
        "  foundation 0:32; 1 of 34 resources; databases.db 0:30, edge 0:12; 0:32 in total, "
        "about 7 min on AWS"
    )
    seen.record(ResourceChanged("aws_db_instance.db", "created", 30), 133.0)
    assert "databases.db 0:23" in seen.line(133.0)


def test_progress_names_services_that_are_not_steady():
    """What is steady is not worth a word; a step's end leaves no line."""
    seen = Progress()
    assert seen.line(0.0) == ""
    seen.record(StepStarted("services"), 10.0)
    seen.record(DeploymentChanged("api", "1 of 2 running"), 11.0)
    seen.record(DeploymentChanged("worker", "steady"), 11.0)
    assert seen.line(75.0) == "  services 1:05; api: 1 of 2 running; 1:05 in total"
    seen.record(StepEnded("services", 65.0), 75.0)
    assert seen.line(76.0) == ""


def test_a_new_step_resets_counts_but_not_the_total_time():
    """Resources of the step before are not counted again."""
    seen = Progress()
    seen.record(StepStarted("foundation"), 0.0)
    seen.record(ResourcesPlanned(3), 1.0)
    seen.record(StepEnded("foundation", 5.0), 5.0)
    seen.record(StepStarted("release"), 60.0)
    assert seen.line(61.0) == "  release 0:01; 1:01 in total"
    seen.record(StepFailed("release"), 62.0)
    assert seen.line(63.0) == ""


def test_clock_shows_minutes_and_seconds():
    """Minutes and seconds."""
    assert [clock(0), clock(59.9), clock(60), clock(3605)] == ["0:00", "0:59", "1:00", "60:05"]
