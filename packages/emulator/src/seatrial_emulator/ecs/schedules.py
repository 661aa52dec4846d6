"""EventBridge schedules: which are due. Pure but for the clock that is given.

Source: EventBridge Scheduler user guide, "Schedule types". ``rate`` counts from its creation,
``cron`` is read in the schedule's time zone; minutes are the finest step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_MONTHS = {
    m: i
    for i, m in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1
    )
}
_DAYS = {d: i for i, d in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}


def _values(text: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    if text in ("*", "?"):
        return set(range(low, high + 1))
    found: set[int] = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        start = low if first == "*" else names.get(first.upper()) or int(first)
        end = names.get(last.upper()) or int(last) if last else (high if step else start)
        found |= set(range(start, end + 1, int(step or 1)))
    return found


def matches(expression: str, moment: datetime) -> bool:
    """Return whether an AWS ``cron(...)`` names this minute."""
    minute, hour, day, month, week, year = expression[5:-1].split()
    weekday = moment.isoweekday() % 7 + 1
    return (
        moment.minute in _values(minute, 0, 59, {})
        and moment.hour in _values(hour, 0, 23, {})
        and moment.month in _values(month, 1, 12, _MONTHS)
        and (day == "?" or moment.day in _values(day, 1, 31, {}))
        and (week == "?" or weekday in _values(week, 1, 7, _DAYS))
        and moment.year in _values(year, 1970, 2199, {})
    )


@dataclass
class Clock:
    """The rehearsal's calendar: starts now, and runs faster by the pace."""

    begin: datetime
    pace: float
    seen: dict[str, datetime] = field(default_factory=dict)

    def now(self, elapsed: float) -> datetime:
        """Return the rehearsed moment, so many real seconds after the start."""
        return self.begin + timedelta(seconds=elapsed * self.pace)

    def due(self, name: str, expression: str, timezone: str, elapsed: float) -> bool:
        """Return whether a schedule fires now; each of its moments fires once."""
        now = self.now(elapsed)
        last = self.seen.setdefault(name, now)
        if match := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
            if now - last < timedelta(seconds=int(match[1]) * _UNITS[match[2]]):
                return False
            self.seen[name] = now
            return True
        if not expression.startswith("cron("):
            return False
        self.seen[name] = now
        step = last.replace(second=0, microsecond=0) + timedelta(minutes=1)
        zone = ZoneInfo(timezone)
        while step <= now:
            if matches(expression, step.astimezone(zone)):
                return True
            step += timedelta(minutes=1)
        return False
