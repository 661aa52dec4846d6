"""A flow log may go to a folder of a bucket (EC2 API reference, CreateFlowLogs, LogDestination).

moto takes the folder for a part of the bucket's name and finds no such bucket.
Test: tests/end_to_end/test_apply.py (flow logs of profile production are applied).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.flow_logs import FlowLogsBackend

from seatrial_emulator.api.patches.patch import wrap


def apply() -> None:
    """Look for the bucket alone; store the whole destination."""
    wrap(FlowLogsBackend, "create_flow_logs", _create)


def _create(create: Callable[..., Any], self: Any, *given: Any, **fields: Any) -> Any:
    destination = fields.get("log_destination") or ""
    if ":s3:" in destination:
        fields["log_destination"] = destination.partition("/")[0]
    created, refused = create(self, *given, **fields)
    for flow_log in created:
        flow_log.log_destination = destination or flow_log.log_destination
    return created, refused
