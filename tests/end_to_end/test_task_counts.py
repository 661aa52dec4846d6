"""Numbers of tasks in a rehearsal: one, stopped before the next, and a range by the hour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers import eventually, seatrial, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
APP = """
app: counts
region: us-east-1
services:
  beat: {build: ., command: python beat.py, count: one}
  worker:
    build: .
    command: python beat.py
    count: {min: 1, schedule: {days: {at: "* * * * *", min: 3}}}
"""
BEAT = """
import signal, time


def stop(*_):
    print("stops", flush=True)
    time.sleep(1)
    raise SystemExit(0)


signal.signal(signal.SIGTERM, stop)
print("begins", flush=True)
while True:
    time.sleep(0.1)
"""


def written(folder: Path, service: str = "beat") -> list[str]:
    """Return what a service's tasks wrote, in order."""
    lines = seatrial("logs", service, folder=folder).stdout.splitlines()
    return [word for line in lines for word in ("begins", "stops") if line.endswith(word)]


def running(folder: Path) -> int:
    """Return how many workers run."""
    found = json.loads(seatrial("status", "--json", folder=folder).stdout)
    return next(int(s["running"]) for s in found["services"] if s["name"] == "worker")


def test_one_stops_before_the_next_begins_and_the_hour_starts_tasks(tmp_path: Path):
    """The singleton's task is reported to stop before its replacement begins, which every other
    service does the other way round; the worker's range is the hour's from its moment on.
    """
    (tmp_path / "seatrial.yml").write_text(APP)
    (tmp_path / "beat.py").write_text(BEAT)
    (tmp_path / "requirements.txt").write_text("")
    up(tmp_path)
    try:
        eventually(lambda: written(tmp_path), lambda words: words == ["begins"])
        assert seatrial("restart", "beat", folder=tmp_path).returncode == 0
        eventually(lambda: written(tmp_path), lambda words: words == ["begins", "stops", "begins"])
        eventually(lambda: running(tmp_path), lambda tasks: tasks == 3)
    finally:
        seatrial("down", folder=tmp_path)
