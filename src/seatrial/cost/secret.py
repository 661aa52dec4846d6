"""A secret: by the month."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource


def _secret(case: Case, resource: Resource) -> Iterator[Line]:
    if not resource.data:  # one that is there already is on somebody's bill already
        yield case.line(resource, "secret", 1, "secrets.secret")


COSTS = Costs(
    section="secrets",
    rules={"aws_secretsmanager_secret": _secret},
)
