"""What the page tells of what happened, and the requests it counts."""

from __future__ import annotations

from datetime import UTC, datetime

from seatrial.cloud.metrics import Metric, Point
from seatrial.cloud.service_events import ServiceEvent
from seatrial.console import happenings, traffic
from seatrial.console.happenings import Seen
from seatrial.ops.metrics import Series
from seatrial.ops.status import FailedTask, ServiceStatus, StatusReport

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STARTED = "(service api) has started 1 tasks: (task 0cedc9d5-2585-4fd0-805e-f519a345a16b)."
STEADY = "(service api) (deployment ecs-svc/1) deployment completed."


def status(*stopped: FailedTask) -> StatusReport:
    """Return a report of one service with two events of ECS."""
    events = (ServiceEvent("1", NOW, STARTED), ServiceEvent("2", NOW, STEADY))
    service = ServiceStatus(
        name="api",
        desired=1,
        running=1,
        healthy=1,
        revision="a:1",
        deployment="COMPLETED",
        why="",
        events=events,
        stopped=stopped,
    )
    return StatusReport(1, (service,), {}, "")


def test_each_event_is_reported_once_in_words():
    """ECS's own words without its identifiers; a task that stopped has its reason."""
    seen = Seen()
    first = seen.new(happenings.of_status(status()))
    assert [(row["who"], row["text"], row["tone"]) for row in first] == [
        ("api", "has started 1 tasks: 0cedc9d5", ""),
        ("api", "deployment completed", "good"),
    ]
    failed = FailedTask("77aa88bb99", "Essential container exited (exit code 1)", NOW)
    (row,) = seen.new(happenings.of_status(status(failed)))
    assert row["text"] == "task 77aa88bb stopped: Essential container exited (exit code 1)"
    assert row["tone"] == "bad"


def test_steps_of_a_trial_are_reported_as_they_begin_and_end():
    """With the first line of the cause, or what was found."""
    step = {"name": "plan", "title": "no change", "began": 5.0, "ended": 0.0, "result": "running"}
    step |= {"seconds": 0.0, "cause": "", "evidence": []}
    seen = Seen()
    assert [r["text"] for r in seen.new(happenings.of_steps({"at": "t", "steps": [step]}))] == [
        "no change"
    ]
    ended = step | {"ended": 6.0, "result": "failed", "seconds": 1.0, "cause": "why\nmore"}
    (row,) = seen.new(happenings.of_steps({"at": "t", "steps": [ended]}))
    assert (row["text"], row["tone"], row["at"]) == ("failed after 1.0 s: why", "bad", 6000.0)


def test_requests_are_counted_by_second_here_and_by_minute_on_aws():
    """Failures are the balancer's 5xx and the targets'."""
    counts = {"RequestCount": 3, "HTTPCode_ELB_5XX_Count": 1, "HTTPCode_Target_5XX_Count": 1}
    row = {"at": 9.0, "group": "arn", "counts": counts}
    (second,) = traffic.by_second([row], {"arn": "api"})
    assert (second["service"], second["requests"], second["failed"]) == ("api", 3, 2)

    def series(name: str, value: float) -> Series:
        metric = Metric(namespace="n", name=name, dimensions=(), statistic="Average")
        return Series(noun="api", title="", metric=metric, period=60, points=(Point(60.0, value),))

    (minute,) = traffic.by_minute(
        [series("RequestCount", 4), series("TargetResponseTime", 0.5), series(traffic.FAILED[0], 2)]
    )
    assert (minute["requests"], minute["failed"], minute["seconds"]) == (4, 2, 2.0)
