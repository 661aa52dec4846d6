"""CloudWatch Logs: lines of a group, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors, code


@dataclass(frozen=True)
class Line:
    """One line of output; ``time`` in milliseconds since 1970, UTC."""

    id: str
    time: int
    stream: str
    text: str


def lines(session: Session, group: str, since: int, prefix: str = "") -> Iterator[Line]:
    """Yield the lines of a group from a moment on; none where the group does not exist."""
    query: dict[str, Any] = {"logGroupName": group, "startTime": since}
    if prefix:
        query["logStreamNamePrefix"] = prefix
    token: dict[str, Any] = {}
    while True:
        with aws_errors(f"to read the logs of {group}"):
            try:
                page = session.client("logs").filter_log_events(**query, **token)
            except ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    return
                raise
        for row in sorted(page["events"], key=lambda r: r["timestamp"]):
            yield Line(row["eventId"], row["timestamp"], row["logStreamName"], row["message"])
        if not page.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}


def tail(session: Session, group: str, stream: str, count: int) -> list[str]:
    """Return the last lines of one stream, in one call however much the group holds.

    None where there is no such stream: a task that never started wrote nothing.
    """
    with aws_errors(f"to read the last lines of {group}"):
        try:
            page = session.client("logs").get_log_events(
                logGroupName=group, logStreamName=stream, limit=count, startFromHead=False
            )
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return []
            raise
    return [row["message"] for row in page["events"]][-count:]


def stream(prefix: str, container: str, task: str) -> str:
    """Return the stream of a task's container (ECS guide, "awslogs-stream-prefix")."""
    return f"{prefix}/{container}/{task}"
