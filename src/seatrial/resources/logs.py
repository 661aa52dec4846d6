"""Log groups: one for each service and job, so that output outlives tasks and releases."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Resource


def build(context: Context) -> Iterator[Resource]:
    """Yield the log groups of services and jobs."""
    for section in ("services", "jobs"):
        for name in sorted(getattr(context.app, section)):
            yield foundation(
                f"{section}.{name}",
                "aws_cloudwatch_log_group",
                name,
                name=f"/{context.app.app}/{context.app.environment}/{name}",
                retention_in_days=context.app.logs.retention,
            )
