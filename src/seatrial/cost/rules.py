"""The costs of all nouns: how a resource is priced, and every number that is assumed."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost import alarms, cluster, edge, log_groups, logs, network, outbound
from seatrial.cost.case import Assumption, Case, Costs, Traffic
from seatrial.cost.line import Line
from seatrial.model.app import KINDS
from seatrial.resources.graph import Resource

ROLES = Costs(free=frozenset({"aws_iam_role", "aws_iam_role_policy"}))
# In the order in which their assumptions are printed: what nouns share, then every noun.
COSTS: tuple[Costs, ...] = (
    edge.COSTS,
    outbound.COSTS,
    log_groups.COSTS,
    cluster.COSTS,
    network.COSTS,
    logs.COSTS,
    *(kind.module("cost").COSTS for kind in KINDS),
    alarms.COSTS,
    ROLES,
)
ASSUMPTIONS: dict[str, Assumption] = {a.name: a for costs in COSTS for a in costs.assumptions}


def lines(case: Case, resource: Resource) -> Iterator[Line]:
    """Yield what a resource costs; raises LookupError for one that nobody priced."""
    section = resource.noun.partition(".")[0]
    for costs in sorted(COSTS, key=lambda each: (each.section != section, each.section != "")):
        if rule := costs.rules.get(resource.type):
            yield from rule(case, resource)
            return
        if resource.type in costs.free:
            return
    raise LookupError(f"no price and no word for {resource.type}")


def priced(resource: Resource) -> bool:
    """Return whether a resource's type has a price: one that is only read may have one too."""
    return any(resource.type in costs.rules for costs in COSTS)


def assumed(traffic: Traffic) -> dict[str, float]:
    """Return every number of a month, given or assumed, by its name."""
    return {name: traffic.of(assumption) for name, assumption in ASSUMPTIONS.items()}
