"""Logs of database servers in CloudWatch, where the instance exports them (RDS user guide,
"Publishing database logs to Amazon CloudWatch Logs").
"""

from __future__ import annotations

import time
from typing import Any

from seatrial_emulator.api.server import Emulator

# The log that a server writes to its standard error, by engine.
LOGS = {"postgres": "postgresql", "mysql": "error"}


def put(emulator: Emulator, instance: Any, text: str) -> None:
    """Put a line into the instance's log group; holds the lock. Without an export it is nowhere."""
    log = LOGS.get(instance.engine, "")
    name, logs = instance.db_instance_identifier, emulator.backend("logs")
    group = logs.groups.get(f"/aws/rds/instance/{name}/{log}")
    if group is None or log not in instance.enabled_cloudwatch_logs_exports:
        return
    stream = f"{name}.0"
    if stream not in group.streams:
        logs.create_log_stream(group.name, stream)
    event = {"timestamp": int(time.time() * 1000), "message": text}
    logs.put_log_events(group.name, stream, [event])
