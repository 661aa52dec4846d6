"""The estimate: every resource of a graph becomes lines, or is known to cost nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seatrial.cost import rules
from seatrial.cost.case import Case, Traffic
from seatrial.cost.line import Line
from seatrial.cost.prices import Prices
from seatrial.resources.graph import Graph


@dataclass(frozen=True)
class Estimate:
    """A month in US dollars, before tax, credits and discounts."""

    lines: tuple[Line, ...]
    assumed: Mapping[str, float]  # every number of the month's use, by its name
    dated: str

    @property
    def monthly(self) -> float:
        """Return the sum of the lines as they are printed: each one in whole cents."""
        return round(sum(line.monthly for line in self.lines), 2)

    @property
    def high(self) -> float:
        """Return the sum where everything that grows has grown."""
        return round(sum(line.most for line in self.lines), 2)


def estimate(graph: Graph, prices: Prices, traffic: Traffic) -> Estimate:
    """Return what a graph costs; raises LookupError for a resource that nobody priced."""
    found = sorted(_lines(graph, prices, traffic), key=lambda line: (line.noun, line.item))
    return Estimate(tuple(found), rules.assumed(traffic), prices.dated)


def _lines(graph: Graph, prices: Prices, traffic: Traffic) -> Iterator[Line]:
    case = Case(graph, prices, traffic)
    for resource in graph.resources:
        if not resource.data or rules.priced(resource):
            yield from rules.lines(case, resource)
