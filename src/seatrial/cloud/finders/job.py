"""Schedules and their group."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags
from seatrial.cloud.session import Session


def _schedules(session: Session, body: Body, _: Tags) -> str | None:
    session.client("scheduler").get_schedule_group(Name=body["name"])
    return str(body["name"])


def _schedule(session: Session, body: Body, _: Tags) -> str | None:
    session.client("scheduler").get_schedule(GroupName=body["group_name"], Name=body["name"])
    return f"{body['group_name']}/{body['name']}"


FINDERS: dict[str, Finder] = {
    "aws_scheduler_schedule_group": _schedules,
    "aws_scheduler_schedule": _schedule,
}
