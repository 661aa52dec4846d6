"""What a noun's costs are made of: rules that yield lines, what is free, and what is assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from seatrial.cost.line import Line, line
from seatrial.cost.prices import Prices
from seatrial.model.app import App
from seatrial.resources.graph import Graph, Resource


@dataclass(frozen=True)
class Assumption:
    """A number of a month's use that an estimate must assume: its name, a small app's, a unit."""

    name: str
    default: float
    words: str


class Traffic:
    """A month of use: the numbers that were given by name; all others are the assumed ones."""

    def __init__(self, **given: float) -> None:
        self.given = given

    def of(self, assumption: Assumption) -> float:
        """Return a number of this month."""
        return self.given.get(assumption.name, assumption.default)


@dataclass(frozen=True)
class Case:
    """A graph, the prices of its region, and its use."""

    graph: Graph
    prices: Prices
    traffic: Traffic

    def of(self, assumption: Assumption) -> float:
        """Return a number of the month's use."""
        return self.traffic.of(assumption)

    def line(
        self, resource: Resource, item: str, quantity: float, key: str, most: float | None = None
    ) -> Line:
        """Return a line of a resource's noun."""
        return line(resource.noun, item, quantity, self.prices.find(key), most=most)


Rule = Callable[[Case, Resource], Iterator[Line]]


@dataclass(frozen=True)
class Question:
    """A price for AWS's Price List API: our key, its service code, what tells the product."""

    key: str
    service: str
    attributes: tuple[tuple[str, str], ...]


def _no_questions(_: App) -> Iterator[Question]:
    yield from ()


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What a noun's resources cost, by their Terraform types.

    A resource is priced by its own noun's costs where those know its type, else by what nouns
    share, else by whichever know it.
    """

    section: str = ""  # the noun's; "" for what nouns share
    rules: Mapping[str, Rule] = field(default_factory=dict)
    free: frozenset[str] = frozenset()  # created, kept, destroyed for nothing (pricing pages)
    assumptions: tuple[Assumption, ...] = ()
    questions: Callable[[App], Iterator[Question]] = _no_questions  # for `cost --refresh`
