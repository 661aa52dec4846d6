"""What happened, read from what changed: service events, stopped tasks, trial steps. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from seatrial.ops.status import StatusReport

# ECS's own words (ECS developer guide, "Service event messages").
_SUBJECT = re.compile(r"^\(service [^)]*\)\s*")
_PLACE = re.compile(r"(?: in)? ?\((?:deployment|instance|port|taskSet|target-group) [^)]*\)")
_TASK = re.compile(r"\(task ([0-9a-f]{8})[-0-9a-f]*\)")
_BAD = re.compile(r"unhealthy|unable|failed|stopped \d+ running.*fail", re.IGNORECASE)
_GOOD = re.compile(r"steady state|deployment completed")


@dataclass(frozen=True)
class Happening:
    """One line: ``at`` in milliseconds since 1970, ``tone`` good, bad, start or nothing."""

    at: float
    who: str
    text: str
    tone: str = ""


@dataclass
class Seen:
    """Tells each happening once."""

    known: set[str] = field(default_factory=set)

    def new(self, rows: Iterable[tuple[str, Happening]]) -> list[dict[str, Any]]:
        """Return what was not returned before, in order of time, as the page reads it."""
        found = []
        for key, row in rows:
            if key not in self.known:
                self.known.add(key)
                found.append(row)
        return [dict(row.__dict__) for row in sorted(found, key=lambda row: row.at)]


def of_status(report: StatusReport) -> Iterator[tuple[str, Happening]]:
    """Yield service events and stopped tasks, each with its key."""
    for row in report.incidents:
        text = _TASK.sub(r"\1", _PLACE.sub("", _SUBJECT.sub("", row.text))).strip(". ")
        at = 1000 * row.at.timestamp() if row.at else 0.0
        yield row.id, Happening(at, row.name, text, "bad" if row.failed else _tone(text))


def of_steps(trial: dict[str, Any]) -> Iterator[tuple[str, Happening]]:
    """Yield begin and end of each step of a trial."""
    for step in trial["steps"]:
        key, name = f"{trial['at']} {step['name']}", step["name"]
        if step["began"]:
            begin = Happening(1000 * step["began"], f"trial {name}", step["title"], "start")
            yield f"{key} begin", begin
        if step["ended"] and step["result"] in ("passed", "failed"):
            said = step["cause"].split("\n")[0] or "; ".join(step["evidence"])
            text = f"{step['result']} after {step['seconds']:.1f} s: {said}"
            tone = "good" if step["result"] == "passed" else "bad"
            yield f"{key} end", Happening(1000 * step["ended"], f"trial {name}", text, tone)


def of_rehearsal(described: dict[str, Any]) -> Iterator[tuple[str, Happening]]:
    """Yield what a rehearsal's daemon noted: ended tasks with their last line, notes."""
    now = 1000 * datetime.now(UTC).timestamp()
    for row in described["ended"]:
        last = f"; last line: {row['last']}" if row["last"] else ""
        task = row["task"].rsplit("/", 1)[-1][:8]
        text = f"task {task} ended: {row['reason']}{last}"
        code = row["exit_code"]
        tone = "bad" if code not in (None, 0, 143) or "failed" in row["reason"] else ""
        yield f"ended {row['number']}", Happening(now, row["service"], text, tone)
    for note in described["notes"]:
        yield f"note {note}", Happening(now, "", note, "start")


def _tone(text: str) -> str:
    return "good" if _GOOD.search(text) else "bad" if _BAD.search(text) else ""
