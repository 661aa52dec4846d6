"""What is said of a migration that does not end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from canned import answers
from seatrial.cloud import services
from seatrial.cloud.session import Session
from seatrial.events import Note
from seatrial.ops import migrate
from seatrial.target import Target


def test_a_migration_that_serves_is_reported_and_stopped(monkeypatch: pytest.MonkeyPatch):
    """An entry point that ignores its arguments starts the server: its last line says so, less and
    less often, and after the limit the task does not run on.
    """
    place = (Path("nowhere"), "http://127.0.0.1:1", "key", "secret")
    session = Session(Target("live", "123456789012", "us-east-1", *place, pace=100))
    stopped: list[Any] = []

    def stop(given: Any) -> dict[str, Any]:
        stopped.append(json.loads(given)["task"])
        return {}

    task = {"taskArn": "arn:task/live/1", "lastStatus": "RUNNING"}
    answers(session, "ecs", DescribeTasks={"tasks": [task]}, StopTask=stop)
    notes: list[Note] = []
    tell = migrate._teller("web", lambda _: ["Uvicorn running on port 8000"], notes.append)
    for seconds in (1, 59, 60, 61, 119, 120, 200, 240):
        tell(seconds)
    assert ["after 60 s" in notes[0].text, "Uvicorn running" in notes[0].text] == [True, True]
    assert len(notes) == 3
    heard: list[float] = []
    ended = services.wait_stopped(session, "c", "arn:task/live/1", heard.append, timeout=0.1)
    assert (ended.exit_code, stopped, len(heard) > 1) == (None, ["arn:task/live/1"], True)
