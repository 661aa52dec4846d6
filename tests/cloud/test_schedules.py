"""Schedules are switched off and on, and stay as they are otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from canned import answers, refused
from seatrial.cloud import schedules
from seatrial.cloud.session import Session
from seatrial.target import Target


def test_only_the_state_of_a_schedule_changes():
    """One that is off already is left; a group that is not there has none."""
    aws = Session(Target("live", "123456789012", "us-east-1", Path("nowhere")), 1)
    sent: list[Any] = []
    whole = {
        "Name": "a", "GroupName": "g", "ScheduleExpression": "rate(1 day)", "State": "ENABLED",
        "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "arn:x", "RoleArn": "arn:role"},
        "Arn": "arn:schedule",
    }  # fmt: skip

    def update(body: Any) -> dict[str, Any]:
        sent.append(json.loads(body))
        return {}

    rows = [{"Name": "a", "State": "ENABLED"}, {"Name": "b", "State": "DISABLED"}]
    answers(
        aws, "scheduler", ListSchedules={"Schedules": rows}, GetSchedule=whole,
        UpdateSchedule=update,
    )  # fmt: skip
    schedules.switch(aws, "g", on=False)
    (row,) = sent
    assert row.pop("ClientToken")
    unchanged = {name: whole[name] for name in schedules.FIELDS if name in whole and name != "Name"}
    assert row == unchanged | {"State": "DISABLED"}
    aws.clients.clear()
    answers(aws, "scheduler", ListSchedules=refused("ResourceNotFoundException"))
    schedules.switch(aws, "gone", on=True)
