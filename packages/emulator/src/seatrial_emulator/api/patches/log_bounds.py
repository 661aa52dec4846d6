"""CloudWatch keeps log events on its disks; moto keeps them in memory, without bound.

Each group keeps its newest 20,000 events, those of its newest streams first: every task has a
stream of its own, so that a bound of each would grow with the tasks of a rehearsal's days.
Test: tests/emulator/test_patches.py::test_a_log_stream_keeps_its_newest_events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.logs import models

from seatrial_emulator.api.patches.patch import wrap

MOST_EVENTS = 20_000


def apply() -> None:
    """Drop the oldest events of a group."""
    wrap(models.LogStream, "put_log_events", _put_events)


def _put_events(put_events: Callable[..., Any], self: Any, log_events: list[dict[str, Any]]) -> Any:
    token = put_events(self, log_events)
    streams = sorted(self.log_group.streams.values(), key=lambda stream: stream.creation_time)
    over = sum(len(stream.events) for stream in streams) - MOST_EVENTS
    for stream in streams:
        if over <= 0:
            break
        dropped = min(over, len(stream.events))
        del stream.events[:dropped]
        over -= dropped
    return token
