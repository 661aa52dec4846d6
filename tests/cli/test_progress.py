"""The line that tells what is under way."""

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


def test_a_step_tells_how_far_it_is_and_what_takes_long():
    """Counted resources, the slowest nouns by their time, the time in all and the expected one."""
    seen = Progress(expected=430)
    seen.take(StepStarted("foundation"), 100.0)
    seen.take(ResourcesPlanned(34), 101.0)
    for address, noun, at in (
        ("aws_db_instance.db", "databases.db", 102.0),
        ("aws_db_parameter_group.db", "databases.db", 110.0),
        ("aws_lb.main", "edge", 120.0),
        ("aws_vpc.main", "network", 131.5),
    ):
        seen.take(ResourceStarted(address, noun), at)
    seen.take(ResourceChanged("aws_iam_role.x", "created", 1), 131.0)
    assert seen.line(132.0) == (
        "  foundation 0:32; 1 of 34 resources; databases.db 0:30, edge 0:12; 0:32 in all, "
        "about 7 min on AWS"
    )
    seen.take(ResourceChanged("aws_db_instance.db", "created", 30), 133.0)
    assert "databases.db 0:23" in seen.line(133.0)


def test_services_on_their_way_are_named_until_they_are_steady():
    """What is steady is not worth a word; a step's end leaves no line."""
    seen = Progress()
    assert seen.line(0.0) == ""
    seen.take(StepStarted("services"), 10.0)
    seen.take(DeploymentChanged("api", "1 of 2 running"), 11.0)
    seen.take(DeploymentChanged("worker", "steady"), 11.0)
    assert seen.line(75.0) == "  services 1:05; api: 1 of 2 running; 1:05 in all"
    seen.take(StepEnded("services", 65.0), 75.0)
    assert seen.line(76.0) == ""


def test_a_new_step_begins_anew_and_the_whole_goes_on():
    """Resources of the step before are not counted again."""
    seen = Progress()
    seen.take(StepStarted("foundation"), 0.0)
    seen.take(ResourcesPlanned(3), 1.0)
    seen.take(StepEnded("foundation", 5.0), 5.0)
    seen.take(StepStarted("release"), 60.0)
    assert seen.line(61.0) == "  release 0:01; 1:01 in all"
    seen.take(StepFailed("release"), 62.0)
    assert seen.line(63.0) == ""


def test_clock():
    """Minutes and seconds."""
    assert [clock(0), clock(59.9), clock(60), clock(3605)] == ["0:00", "0:59", "1:00", "60:05"]
