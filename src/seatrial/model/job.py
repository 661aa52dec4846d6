"""A job: a command that runs on a schedule, with a service's build, roles and variables."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from seatrial.model.command import Command
from seatrial.model.kind import Kind
from seatrial.model.noun import Name, Noun
from seatrial.model.schedule import checked


def _timezone(text: str) -> str:
    if text not in available_timezones():
        raise PydanticCustomError(
            "timezone",
            "{text} is not a time zone",
            {"text": repr(text), "fix": "Use a name of the IANA database: `Europe/Paris`, `UTC`."},
        )
    return text


class Job(Noun):
    """A command on a schedule."""

    service: Name = Field(
        description="The service whose build, roles and variables it uses.", examples=["api"]
    )
    command: Command = Field(description="What runs.", examples=["python -m api.sweep"])
    schedule: Annotated[str, AfterValidator(checked)] = Field(
        description="When: five-field cron, or AWS's `cron(...)` or `rate(...)`.",
        examples=["0 3 * * *"],
    )
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "UTC", description="Time zone of the schedule.", examples=["Europe/Paris"]
    )


KIND = Kind(section="jobs")
