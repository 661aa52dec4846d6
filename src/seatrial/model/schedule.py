"""Schedules: cron with five fields, and AWS's `cron()` and `rate()`.

Checked as EventBridge Scheduler reads them (EventBridge Scheduler user guide, "Schedule types"),
so that what is accepted here is accepted there, and means a moment that comes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

LONGEST = 256  # characters of an expression (EventBridge Scheduler API, CreateSchedule)
LONGEST_DAYS = 366  # of a rate: what comes once a year or less often is written as cron
_FIX = 'Write cron with five fields ("0 3 * * *"), or AWS\'s cron(...) or rate(...).'
_WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_YEAR = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ITEM = re.compile(r"(\*|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:/([0-9]{1,4}))?")
_PER_DAY = {"minute": 1440, "hour": 24, "day": 1}


@dataclass(frozen=True)
class _Field:
    """A field of a cron expression: its least and greatest number, and the names of numbers."""

    word: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    first: int = 0  # the number of the first name

    def number(self, text: str) -> int | None:
        """Return the number that a word means; None where it means none."""
        if text.upper() in self.names:
            return self.names.index(text.upper()) + self.first
        # "Arabic digits" and the like are digits to Python, and not to AWS.
        return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None


_MINUTE, _HOUR = _Field("minute", 0, 59), _Field("hour", 0, 23)
_DAY, _MONTH = _Field("day of the month", 1, 31), _Field("month", 1, 12, _YEAR, 1)
_OURS = (_MINUTE, _HOUR, _DAY, _MONTH, _Field("day of the week", 0, 7, _WEEK))
_THEIRS = (
    *(_MINUTE, _HOUR, _DAY, _MONTH),
    _Field("day of the week", 1, 7, _WEEK, 1),
    _Field("year", 1970, 2199),
)


def checked(text: str) -> str:
    """Check a schedule and return it unchanged; raises PydanticCustomError with the reason."""
    if match := re.fullmatch(r"rate\(([0-9]{1,9}) (minutes?|hours?|days?)\)", text):
        _rate(text, int(match[1]), match[2])
    elif match := re.fullmatch(r"cron\((.*)\)", text):
        _aws(text, match[1].split())
    else:
        _five(text, text.split())
    if len(expression(text)) > LONGEST:
        raise _bad(text, f"AWS takes at most {LONGEST} characters")
    return text


def expression(schedule: str) -> str:
    """Return AWS's form of a schedule; five-field cron gets its year and its ``?``."""
    if schedule.startswith(("cron(", "rate(")):
        return schedule
    minute, hour, day, month, week = schedule.split()
    if week == "*":
        return f"cron({minute} {hour} {day} {month} ? *)"
    return f"cron({minute} {hour} ? {month} {_weekdays(week)} *)"


def _weekdays(field: str) -> str:
    """cron counts 0 (or 7) to 6 from Sunday, AWS counts 1 to 7: names mean the same in both."""

    def name_number(word: str) -> int:
        return int(word) if word.isdigit() else _WEEK.index(word.upper())

    def name(word: str) -> str:
        return _WEEK[int(word) % 7] if word.isdigit() else word.upper()

    def item(text: str) -> str:
        days, slash, step = text.partition("/")
        if days.endswith("-7"):  # AWS's week begins with Sunday, so that this range is none there
            numbers = range(name_number(days[:-2]), 8, int(step or 1))
            return ",".join(name(str(number)) for number in numbers)
        return "-".join(name(day) for day in days.split("-")) + slash + step

    return ",".join(item(text) for text in field.split(","))


def _rate(text: str, number: int, unit: str) -> None:
    if number < 1 or (number == 1) == unit.endswith("s"):
        raise _bad(text, "AWS writes `rate(1 hour)` but `rate(2 hours)`")
    if number > LONGEST_DAYS * _PER_DAY[unit.removesuffix("s")]:
        raise _bad(text, f"it is longer than {LONGEST_DAYS} days")


def _five(text: str, fields: list[str]) -> None:
    if len(fields) != 5:
        raise _bad(text, f"it has {len(fields)} fields")
    for given, field in zip(fields, _OURS, strict=True):
        _plain(text, given, field)
    if "*" not in (fields[2], fields[4]):
        raise _bad(text, "AWS cannot restrict the day of the month and of the week together")
    _date(text, fields[2], fields[3])


def _aws(text: str, fields: list[str]) -> None:
    if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
        raise _bad(text, "AWS's cron has six fields and a `?` for one of the two day fields")
    for given, field in zip(fields, _THEIRS, strict=True):
        if not _special(given, field.word):
            _plain(text, given, field)
    if not _special(fields[2], "day of the month"):
        _date(text, fields[2], fields[3])


def _special(given: str, word: str) -> bool:
    """Return whether a field says what only AWS's cron can: `?`, `L`, `15W`, `6#3`, `6L`."""
    if word == "day of the month":
        return bool(re.fullmatch(r"\?|L|LW|([1-9]|[12][0-9]|3[01])W", given))
    if word == "day of the week":
        names = "|".join(_WEEK)
        return bool(re.fullmatch(rf"\?|L|([1-7]|{names})(#[1-5]|L)", given, re.IGNORECASE))
    return False


def _plain(text: str, given: str, field: _Field) -> None:
    """Check numbers, ranges, lists and steps."""
    for item in given.split(","):
        match = _ITEM.fullmatch(item)
        if not match:
            raise _bad(text, f"`{item}` cannot stand in a field")
        if match[2] is not None and not 1 <= int(match[2]) <= max(field.high, 1):
            raise _bad(text, f"a step of {match[2]} is not between 1 and {field.high}")
        bounds = [] if match[1] == "*" else match[1].split("-")
        numbers = [_bound(text, bound, field) for bound in bounds]
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            raise _bad(text, f"`{match[1]}` runs backwards; write it as two: `a-b,c-d`")


def _bound(text: str, bound: str, field: _Field) -> int:
    number = field.number(bound)
    if number is None or not field.low <= number <= field.high:
        raise _bad(text, f"`{bound}` is not between {field.low} and {field.high} ({field.word})")
    return number


def _date(text: str, day: str, month: str) -> None:
    """Refuse a date that no year has, such as 30 February."""
    first = min((_starts(item, _DAY) for item in day.split(",")), default=1)
    if all(first > _DAYS[number - 1] for number in _months(month)):
        raise _bad(text, "no year has this date")


def _starts(item: str, field: _Field) -> int:
    """Return the least number of an item that was checked."""
    return field.number(re.split("[-/]", item)[0]) or field.low


def _months(given: str) -> set[int]:
    found: set[int] = set()
    for item in given.split(","):
        bounds, _, step = item.partition("/")
        if bounds == "*" or step:
            return set(range(1, 13))
        numbers = [_MONTH.number(bound) or 1 for bound in bounds.split("-")]
        found |= set(range(numbers[0], numbers[-1] + 1))
    return found


def _bad(text: str, why: str) -> PydanticCustomError:
    shown = text if len(text) <= 80 else text[:77] + "..."
    return PydanticCustomError(
        "schedule",
        "{text} is not a schedule: {why}",
        {"text": repr(shown), "why": why, "fix": _FIX},
    )


def _timezone(text: str) -> str:
    if text not in available_timezones():
        raise PydanticCustomError(
            "timezone",
            "{text} is not a time zone",
            {"text": repr(text), "fix": "Use a name of the IANA database: `Europe/Paris`, `UTC`."},
        )
    return text


Schedule = Annotated[str, AfterValidator(checked)]
Timezone = Annotated[str, AfterValidator(_timezone)]
