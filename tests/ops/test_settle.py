"""When a new release counts as failed after ECS called its deployment complete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from canned import answers, refused
from seatrial.cloud import logs
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.model.app import App
from seatrial.ops.release import stability
from seatrial.target import Target

NOTES = App.model_validate(
    {
        "app": "notes",
        "region": "us-east-1",
        "services": {"web": {"build": ".", "port": 8000, "public": {"path": ["/"]}}},
    }
)
COMPLETED = datetime(2026, 11, 25, 12, tzinfo=UTC)
DEPLOYMENT = "ecs-svc/1234567890123456789"
TASK = "arn:aws:ecs:us-east-1:123456789012:task/notes-live/abc"


@pytest.fixture
def session() -> Session:
    """Return a session of an account that answers what a test says, a thousand times faster."""
    return Session(
        Target("live", "123456789012", "us-east-1", Path("nowhere"), "", "AKIA", "key", 1000), 1
    )


def serving(session: Session, **task: Any) -> list[str]:
    """Let ECS answer with a completed deployment and one stopped task; return the calls of logs."""
    row = {
        "id": DEPLOYMENT,
        "status": "PRIMARY",
        "taskDefinition": "arn:aws:ecs:us-east-1:1:task-definition/web:2",
        "rolloutState": "COMPLETED",
        "runningCount": 1,
        "createdAt": COMPLETED - timedelta(minutes=5),
    }
    event = {
        "id": "e1",
        "message": f"(service web) (deployment {DEPLOYMENT}) deployment completed.",
        "createdAt": COMPLETED,
    }
    service = {
        "serviceName": "web", "status": "ACTIVE", "desiredCount": 1, "runningCount": 1,
        "pendingCount": 0, "taskDefinition": row["taskDefinition"], "deployments": [row],
        "events": [event],
    }  # fmt: skip
    stopped = {
        "taskArn": TASK,
        "startedBy": DEPLOYMENT,
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": COMPLETED + timedelta(seconds=20),
        "containers": [{"name": "web", "exitCode": 1}],
        **task,
    }
    answers(
        session,
        "ecs",
        DescribeServices={"services": [service]},
        ListTasks={"taskArns": [TASK]},
        DescribeTasks={"tasks": [stopped]},
    )
    return answers(session, "logs", GetLogEvents={"events": [{"message": "bad setting"}]})


def prove(session: Session) -> None:
    """Watch the service for 50 ms."""
    stability.prove(session, NOTES, "notes-live", ["web"], 0.05)


def test_task_that_fails_after_the_deployment_completed_is_a_failure(session: Session):
    """With its end and its last line, read from its own stream in one call."""
    calls = serving(session)
    with pytest.raises(UserError, match="bad setting") as error:
        prove(session)
    assert "exit code 1" in str(error.value)
    assert calls == ["GetLogEvents"]


@pytest.mark.parametrize(
    "task",
    [
        {"stoppedAt": COMPLETED - timedelta(seconds=20)},
        {"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."},
        {"stopCode": "TerminationNotice", "stoppedReason": "ECS is performing maintenance"},
        {"stopCode": "UserInitiated", "stoppedReason": "stopped by hand"},
        {"stopCode": "TaskFailedToStart", "stoppedReason": "Capacity is unavailable at this time"},
        {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Availability Zone rebalancing"},
        {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Scaling activity initiated by"},
        {"startedBy": "ecs-svc/9"},
    ],
    ids=lambda task: " ".join(map(str, task.values())),
)
def test_good_release_is_not_put_back_for_what_it_did_not_do(
    session: Session, task: dict[str, Any]
):
    """A start that ECS repeated before, a Spot interruption, a stop by hand, another deployment."""
    serving(session, **task)
    prove(session)


def test_failed_health_checks_after_the_deployment_completed_are_a_failure(session: Session):
    """The scheduler stops such a task: the reason tells it from scaling."""
    serving(
        session,
        stopCode="ServiceSchedulerInitiated",
        stoppedReason="Task failed container health checks",
    )
    with pytest.raises(UserError, match="failed container health checks"):
        prove(session)


def test_tail_asks_for_one_stream_and_its_last_lines(session: Session):
    """Never the whole group, which can hold gigabytes; without the stream there are no lines."""
    sent: list[Any] = []

    def answer(body: Any) -> dict[str, Any]:
        sent.append(body)
        return {"events": [{"message": "one"}, {"message": "two"}]}

    calls = answers(session, "logs", GetLogEvents=answer)
    assert logs.tail(session, "/notes/live/web", "web/web/abc", 2) == ["one", "two"]
    assert calls == ["GetLogEvents"]
    assert b'"logStreamName": "web/web/abc"' in sent[0]
    assert b'"limit": 2' in sent[0]
    assert b'"startFromHead": false' in sent[0]
    other = Session(session.target, 1)
    answers(other, "logs", GetLogEvents=refused("ResourceNotFoundException"))
    assert logs.tail(other, "/notes/live/web", "web/web/abc", 2) == []
