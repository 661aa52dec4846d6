"""CloudWatch keeps log events on its disks; moto keeps them in memory, without bound.

Each stream keeps its newest 20,000 events, so that a rehearsal that runs for days stays small.
Test: tests/emulator/test_patches.py::test_log_streams_are_bounded.
"""

from __future__ import annotations

from typing import Any

from moto.logs import models

MOST_EVENTS = 20_000


def apply() -> None:
    """Drop the oldest events of a stream."""
    original = models.LogStream.put_log_events

    def put_log_events(self: Any, log_events: list[dict[str, Any]]) -> Any:
        token = original(self, log_events)
        if len(self.events) > MOST_EVENTS:
            del self.events[: len(self.events) - MOST_EVENTS]
        return token

    models.LogStream.put_log_events = put_log_events
