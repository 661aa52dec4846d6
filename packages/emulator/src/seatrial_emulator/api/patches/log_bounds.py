"""CloudWatch keeps log events on its disks; moto keeps them in memory, without bound.

Each stream keeps its newest 20,000 events, so that a rehearsal that runs for days stays small.
Test: tests/emulator/test_patches.py::test_a_log_stream_keeps_its_newest_events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.logs import models

from seatrial_emulator.api.patches.patch import wrap

MOST_EVENTS = 20_000


def apply() -> None:
    """Drop the oldest events of a stream."""
    wrap(models.LogStream, "put_log_events", _put_events)


def _put_events(put_events: Callable[..., Any], self: Any, log_events: list[dict[str, Any]]) -> Any:
    token = put_events(self, log_events)
    if len(self.events) > MOST_EVENTS:
        del self.events[: len(self.events) - MOST_EVENTS]
    return token
