"""A job: a command that runs on a schedule, with a service's build, roles and variables."""

from __future__ import annotations

from pydantic import Field

from seatrial.model.command import Command
from seatrial.model.kind import Kind
from seatrial.model.noun import Name, Noun
from seatrial.model.schedule import Schedule, Timezone


class Job(Noun):
    """A command on a schedule."""

    service: Name = Field(
        description="The service whose build, roles and variables it uses.", examples=["api"]
    )
    command: Command = Field(description="What runs.", examples=["python -m api.sweep"])
    schedule: Schedule = Field(
        description="When: five-field cron, or AWS's `cron(...)` or `rate(...)`.",
        examples=["0 3 * * *"],
    )
    timezone: Timezone = Field(
        "UTC", description="Time zone of the schedule.", examples=["Europe/Paris"]
    )


KIND = Kind(section="jobs")
