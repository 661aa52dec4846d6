"""Switching schedules of EventBridge Scheduler off and on; everything else of them stays."""

from __future__ import annotations

from typing import Any, Literal

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors, code

# What UpdateSchedule sets to its default unless it is given again (EventBridge Scheduler API
# reference, UpdateSchedule).
FIELDS = (
    "ActionAfterCompletion",
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "KmsKeyArn",
    "Name",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "Target",
)


def switch(session: Session, group: str, *, on: bool) -> None:
    """Switch every schedule of a group; none where there is no such group."""
    scheduler = session.client("scheduler")
    state: Literal["ENABLED", "DISABLED"] = "ENABLED" if on else "DISABLED"
    with aws_errors(f"to switch the schedules of {group}"):
        try:
            rows = scheduler.list_schedules(GroupName=group, MaxResults=100)["Schedules"]
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return
            raise
        for row in rows:
            if row.get("State") != state:
                found: Any = scheduler.get_schedule(GroupName=group, Name=row["Name"])
                same = {name: found[name] for name in FIELDS if found.get(name) is not None}
                scheduler.update_schedule(**same, State=state)
