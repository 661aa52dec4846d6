"""Which lines of a service are its own traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from canned import answers
from seatrial.events import Event, LogLine
from seatrial.model.app import App
from seatrial.ops import logs
from seatrial.target import Target

LINES = (
    'INFO:     10.0.0.5:58048 - "GET /health HTTP/1.1" 200 OK',
    'INFO:     10.0.0.5:58048 - "GET /health HTTP/1.1" 503 Service Unavailable',
    'INFO:     10.0.0.5:58048 - "GET /healthy-food HTTP/1.1" 200 OK',
    "started",
)


@pytest.fixture
def app() -> App:
    """Return an app of one service."""
    service = {"build": ".", "port": 80, "health": {"path": "/health"}}
    return App.model_validate({"app": "a", "region": "us-east-1", "services": {"web": service}})


@pytest.mark.parametrize(("shown", "left_out"), [(False, 1), (True, 0)])
def test_good_health_checks_are_left_out(
    app: App, monkeypatch: pytest.MonkeyPatch, *, shown: bool, left_out: int
):
    """The access log's line of a good one, and no other; all with `--health-checks`."""
    rows = [
        {"eventId": str(n), "timestamp": n, "logStreamName": "web/web/1", "message": text}
        for n, text in enumerate(LINES)
    ]
    made: list[Any] = []

    class Answering(logs.Session):
        def __init__(self, target: Target) -> None:
            super().__init__(target)
            made.append(answers(self, "logs", FilterLogEvents={"events": rows}))

    monkeypatch.setattr(logs, "Session", Answering)
    target = Target("dev", "1", "us-east-1", Path("nowhere"), "", "AKIA", "key")
    found: list[Event] = []
    logs.logs(app, target, [], 60, found.append, lambda: False, health_checks=shown)
    texts = [event.text for event in found if isinstance(event, LogLine)]
    assert texts == list(LINES[left_out:])
