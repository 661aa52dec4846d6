"""Output that CloudWatch takes in and keeps."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

LOGS = Assumption("logs", 1, "GB of output, each service")


def _logs(case: Case, resource: Resource) -> Iterator[Line]:
    months = int(resource.body.get("retention_in_days", 30)) / 30
    log = resource.name.partition("_")[2]  # a database's, where it sends several
    of = f" of the {log} log" if log else ""
    yield case.line(resource, f"output{of}", case.of(LOGS), "logs.ingest.gb")
    yield case.line(resource, f"output{of} kept", case.of(LOGS) * months, "logs.store.gb")


COSTS = Costs(
    rules={"aws_cloudwatch_log_group": _logs},
    assumptions=(LOGS,),
)
