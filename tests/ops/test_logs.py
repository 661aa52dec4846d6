"""Which lines of a service are its own traffic, and which a level or a pattern chooses."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from canned import answers
from seatrial.errors import UsageError
from seatrial.events import Event, LogLine
from seatrial.model.app import App
from seatrial.ops import logs
from seatrial.ops.logs import Wanted
from seatrial.target import Target

LINES = (
    'INFO:     10.0.0.5:58048 - "GET /health HTTP/1.1" 200 OK',
    'INFO:     10.0.0.5:58048 - "GET /health HTTP/1.1" 503 Service Unavailable',
    'INFO:     10.0.0.5:58048 - "GET /healthy-food HTTP/1.1" 200 OK',
    '{"time": "2026-01-01", "level": "warning", "message": "slow"}',
    "Traceback (most recent call last):",
    '  File "a.py", line 1',
    "ValueError: bad",
    "started",
    "2026-11-25 19:51:18 UTC::app@db:[2]:FATAL:  too many connections",
)
Read = Any


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Return what reads an app's lines; its ``groups`` and ``starts`` are what was asked for."""
    given = {
        "app": "a",
        "region": "us-east-1",
        "services": {"web": {"build": ".", "port": 80, "health": {"path": "/health"}}},
        "databases": {"db": {}},
    }
    rows = [
        {"eventId": str(n), "timestamp": n, "logStreamName": "web/web/1", "message": text}
        for n, text in enumerate(LINES)
    ]
    groups: list[str] = []
    starts: list[float] = []

    def answer(body: Any) -> dict[str, Any]:
        starts.append(json.loads(body)["startTime"] / 1000)
        groups.append(re.findall(r'logGroupName": ?"([^"]+)', body.decode())[0])
        return {"events": rows}

    class Answering(logs.Session):
        def __init__(self, target: Target) -> None:
            super().__init__(target)
            answers(self, "logs", FilterLogEvents=answer)

    monkeypatch.setattr(logs, "Session", Answering)
    target = Target("dev", "1", "us-east-1", Path("nowhere"), "", "AKIA", "key")

    def read_(wanted: Wanted, looks: int = 1) -> list[str]:
        found: list[Event] = []
        go_on = iter([True] * (looks - 1) + [False])
        logs.logs(App.model_validate(given), target, wanted, found.append, lambda: next(go_on))
        return [event.text for event in found if isinstance(event, LogLine)]

    read_.groups = groups  # type: ignore[attr-defined]
    read_.starts = starts  # type: ignore[attr-defined]
    return read_


def test_good_health_checks_are_left_out(read: Read):
    """The access log's line of a good one, and no other; all with `--health-checks`."""
    assert read(Wanted()) == list(LINES[1:])
    assert read(Wanted(health_checks=True)) == list(LINES)


def test_a_level_shows_its_lines_and_higher_ones(read: Read):
    """JSON fields, words of Python and PostgreSQL; a traceback is one error; plain text is info."""
    assert read(Wanted(level="warning")) == [*LINES[3:7], LINES[8]]
    assert read(Wanted(level="error")) == [*LINES[4:7], LINES[8]]
    assert read(Wanted(level="critical")) == [LINES[8]]
    assert read(Wanted(level="debug")) == list(LINES[1:])


@pytest.mark.G38
def test_lines_are_those_since_a_time_and_each_comes_once(read: Read):
    """`--since` is how far back is asked for; following shows a line once, and none of before."""
    assert read(Wanted(since=60, pause=0), looks=3) == list(LINES[1:])
    assert len(read.starts) == 3
    assert read.starts[0] == pytest.approx(time.time() - 60, abs=5)
    assert read.starts == sorted(read.starts)


@pytest.mark.G38
def test_a_pattern_chooses_lines_and_names_choose_groups(read: Read):
    """Databases have the groups of the logs they export; an unknown name is refused."""
    assert read(Wanted(pattern=re.compile("50[0-9] Serv"), names=("db",))) == [LINES[1]]
    assert read.groups == ["/aws/rds/instance/a-dev-db/postgresql"]
    with pytest.raises(UsageError, match="no service, job or database `wb`"):
        read(Wanted(names=("wb",)))
