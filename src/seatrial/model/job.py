"""A job: a command that runs on a schedule, with a service's build, roles and variables."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from seatrial.model.command import Command
from seatrial.model.kind import Kind
from seatrial.model.noun import Name, Noun

_FIX = 'Write cron with five fields ("0 3 * * *"), or AWS\'s cron(...) or rate(...).'
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES = [
    "SUN",
    "MON",
    "TUE",
    "WED",
    "THU",
    "FRI",
    "SAT",
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
]


def _bad(text: str, why: str) -> PydanticCustomError:
    return PydanticCustomError(
        "schedule", "{text} is not a schedule: {why}", {"text": repr(text), "why": why, "fix": _FIX}
    )


def _check_field(text: str, field: str, low: int, high: int) -> None:
    for item in field.split(","):
        if not re.fullmatch(r"(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(/\d+)?", item):
            raise _bad(text, f"`{item}` cannot stand in a field")
        for bound in re.findall(r"[0-9A-Za-z]+", item.split("/")[0]):
            named = bound.upper() in _NAMES
            if not named and (not bound.isdigit() or not low <= int(bound) <= high):
                raise _bad(text, f"`{bound}` is not between {low} and {high}")


def checked(text: str) -> str:
    """Check a schedule and return it unchanged; five-field cron, ``cron(...)`` or ``rate(...)``."""
    if match := re.fullmatch(r"rate\((\d+) (minutes?|hours?|days?)\)", text):
        if int(match[1]) < 1 or (int(match[1]) == 1) == match[2].endswith("s"):
            raise _bad(text, "AWS writes `rate(1 hour)` but `rate(2 hours)`")
        return text
    if match := re.fullmatch(r"cron\((.*)\)", text):
        fields = match[1].split()
        if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
            raise _bad(text, "AWS's cron has six fields and a `?` for one of the two day fields")
        return text
    fields = text.split()
    if len(fields) != 5:
        raise _bad(text, f"it has {len(fields)} fields")
    for field, (low, high) in zip(fields, _RANGES, strict=True):
        _check_field(text, field, low, high)
    if "*" not in (fields[2], fields[4]):
        raise _bad(text, "AWS cannot restrict the day of the month and of the week together")
    return text


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
