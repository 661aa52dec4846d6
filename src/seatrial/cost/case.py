"""What a rule of the estimate looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from seatrial.cost.line import Line, line
from seatrial.cost.prices import Prices
from seatrial.cost.traffic import Traffic
from seatrial.resources.graph import Graph, Resource


@dataclass(frozen=True)
class Case:
    """A graph, the prices of its region, and its use."""

    graph: Graph
    prices: Prices
    traffic: Traffic

    def line(
        self, resource: Resource, item: str, quantity: float, key: str, most: float | None = None
    ) -> Line:
        """Return a line of a resource's noun."""
        return line(resource.noun, item, quantity, self.prices.find(key), most=most)


Rule = Callable[[Case, Resource], Iterator[Line]]
