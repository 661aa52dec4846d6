"""FilterLogEvents reads the streams whose names begin with a prefix (CloudWatch Logs API reference,
FilterLogEvents, ``logStreamNamePrefix``).

moto reads every stream of the group.
Test: tests/emulator/test_patches.py::test_log_events_are_filtered_by_the_prefix_of_their_stream.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.logs.responses import LogsResponse

from seatrial_emulator.api.patches.patch import wrap


def apply() -> None:
    """Name the streams of a prefix."""
    wrap(LogsResponse, "filter_log_events", _filter_events)


def _filter_events(filter_events: Callable[..., str], self: Any) -> str:
    prefix = self._get_param("logStreamNamePrefix")
    group = self.logs_backend.groups.get(self._get_param("logGroupName"))
    if prefix and group is not None:
        # A name that no stream has reads none: an empty list would read all.
        names = [name for name in group.streams if name.startswith(prefix)] or [prefix]
        self.body = json.dumps(json.loads(self.body) | {"logStreamNames": names})
    return filter_events(self)
