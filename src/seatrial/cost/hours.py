"""Which part of a week a service runs how many tasks, where schedules change its range.

A week is looked at minute by minute: what happens on some days of a month or in some months of a
year is not in it, and nor is a rate.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from seatrial.resources.graph import Resource

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
MINUTES = 7 * 24 * 60
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def shares(usual: int, actions: list[Resource]) -> dict[int, float]:
    """Return the part of the time in which at least so many tasks run."""
    if not actions:
        return {usual: 1.0}
    changes: dict[int, int] = {}
    for action in actions:
        fewest = int(action.body["scalable_target_action"][0]["min_capacity"])
        zone = ZoneInfo(action.body["timezone"])
        fields = str(action.body["schedule"]).removeprefix("cron(").removesuffix(")").split()
        changes |= dict.fromkeys(_moments(fields, zone) if len(fields) == 6 else (), fewest)
    now = changes[max(changes)] if changes else usual  # last week's last change still holds
    found = Counter[int]()
    for minute in range(MINUTES):
        now = changes.get(minute, now)
        found[now] += 1
    return {tasks: minutes / MINUTES for tasks, minutes in found.items()}


def _moments(fields: list[str], zone: ZoneInfo) -> list[int]:
    """Return the minutes of the week that the fields of AWS's `cron` name."""
    minutes, hours, days, months, weekdays = (
        _numbers(field, most) for field, most in zip(fields, (60, 24, 32, 13, 8), strict=False)
    )
    found = []
    for minute in range(MINUTES):
        at = (MONDAY + timedelta(minutes=minute)).astimezone(zone)
        weekday = at.isoweekday() % 7 + 1
        if at.minute in minutes and at.hour in hours and at.day in days and at.month in months:
            found += [minute] if weekday in weekdays else []
    return found


def _numbers(field: str, most: int) -> set[int]:
    found = set[int]()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        if first in ("*", "?"):
            first, last = "0", str(most - 1)
        low = _number(first)
        high = _number(last) if last else (most - 1 if step else low)
        found |= set(range(low, high + 1, int(step or 1)))
    return found


def _number(text: str) -> int:
    if text.upper() in DAYS:
        return DAYS.index(text.upper()) + 1
    return int(text) if text.isdigit() else 0
