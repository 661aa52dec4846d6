"""A flow log may go to a folder of a bucket (EC2 API reference, CreateFlowLogs, LogDestination).

moto takes the folder for a part of the bucket's name and finds no such bucket.
Test: tests/end_to_end/test_apply.py (flow logs of profile production are applied).
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.flow_logs import FlowLogsBackend


def apply() -> None:
    """Look for the bucket alone; keep what was asked."""
    create = FlowLogsBackend.create_flow_logs

    def create_flow_logs(self: Any, *given: Any, **fields: Any) -> Any:
        destination = fields.get("log_destination") or ""
        if ":s3:" in destination:
            fields["log_destination"] = destination.partition("/")[0]
        made, refused = create(self, *given, **fields)
        for flow_log in made:
            flow_log.log_destination = destination or flow_log.log_destination
        return made, refused

    FlowLogsBackend.create_flow_logs = create_flow_logs
