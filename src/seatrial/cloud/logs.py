"""CloudWatch Logs: lines of a group, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
    query = {"logGroupName": group, "startTime": since}
    if prefix:
        query["logStreamNamePrefix"] = prefix
    token: dict[str, str] = {}
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
    """Return the last lines of one task."""
    found = [line.text for line in lines(session, group, 0) if line.stream.endswith(f"/{stream}")]
    return found[-count:]
