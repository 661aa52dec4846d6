"""What every noun tells the loops over all of them: grants, ingress, alarms, graphs, its picture.

A noun declares its ``RESOURCES`` beside its builder; ``catalog.KINDS`` has them. Builders find
each other's declarations on their ``Context``, so that no noun's file imports another's for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from seatrial.model.alarms import Alarms
from seatrial.model.app import App
from seatrial.model.kind import Kind
from seatrial.model.service import Service, Use
from seatrial.resources.graph import Expr, Joined, Ref, Resource, Root

if TYPE_CHECKING:
    from seatrial.resources.context import Context

Value = str | Ref | Joined | Expr
Look = Callable[[Resource, bool], Iterator[str]]  # the other argument: the profile is production
Graphs = list[tuple[str, list[list[Any]]]]  # a row of the dashboard: titles and their metrics
Arrow = tuple[str, str]  # names of nodes, from and to
MINUTES_5, MINUTES_1 = 300, 60
# Columns of the picture, from the world to the data.
INTERNET, EDGE, FRONT, SERVICE, CALLED, DATA = range(6)


@dataclass(frozen=True)
class Grant:
    """An inline policy of a role of the service that uses a noun."""

    role: Literal["execution", "task"]
    name: str
    statements: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Reach:
    """Whom a task must reach to use a noun: a security group's address, and a port."""

    group: str
    port: int
    suffix: str = ""  # of the rules' addresses, where one group serves several nouns


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A metric and when it is bad: ``bad`` of ``of`` periods (in seconds) beyond ``threshold``.

    ``silent`` where no data is bad as well: the thing that would report it is gone.
    """

    noun: str
    name: str
    namespace: str
    metric: str
    dimensions: dict[str, Any]
    statistic: str
    threshold: float
    words: str
    root: Root = "release"
    period: int = MINUTES_5
    bad: int = 3
    of: int = 3
    below: bool = False
    silent: bool = False


@dataclass(frozen=True)
class Node:
    """One thing of the picture; ``about`` says what it is in a few words."""

    name: str
    kind: Literal["world", "edge", "run", "data"]
    column: int
    title: str
    about: str


@dataclass(frozen=True)
class Tagged:
    """How a resource that no state knows is found: by its tags, then by the end of its ARN.

    ``type`` is the Resource Groups Tagging API's; ``by`` the argument that ends the ARN and is
    also Terraform's import ID; ``whole`` where that ID is the whole ARN.
    """

    type: str
    by: str = "name"
    whole: bool = False


def _none(*_: Any) -> Iterator[Any]:
    yield from ()


def _no_value(_: Context, noun: str, attribute: str) -> Value:
    raise LookupError(f"{noun} has no attribute {attribute}")


@dataclass(frozen=True, kw_only=True)
class ResourceKind:
    """One kind of noun as AWS resources."""

    of: Kind
    build: Callable[[Context], Iterator[Resource]]
    # The value of `${name.attribute}` and of every variable; of a secret one, where ECS finds it.
    attribute: Callable[[Context, str, str], Value] = _no_value
    grants: Callable[[Context, Service, Use], Iterator[Grant]] = _none
    reach: Callable[[Context, str], Reach] | None = None
    # Statements for the policy of another noun's resource (its section, its name): who may send.
    admits: Callable[[Context, str, str], Iterator[dict[str, Any]]] = _none
    alarms: Callable[[Context, Alarms, str], Iterator[Alarm]] = _none
    graphs: Callable[[Context, str], Graphs] | None = None
    nodes: Callable[[App], Iterator[Node]] = _none
    arrows: Callable[[App], Iterator[Arrow]] = _none
    node_of: Callable[[str], str] = str  # the node of a noun of this name
    risks: Mapping[str, Look] = field(default_factory=dict)  # by Terraform type
    holds: Mapping[str, str] = field(default_factory=dict)  # types that hold data, in words
    serves: Mapping[str, str] = field(default_factory=dict)  # types at an address, in words
    tagged: Mapping[str, Tagged] = field(default_factory=dict)  # by Terraform type
    # AWS services whose endpoints in the VPC its users need: gateways, which are free, always;
    # interfaces where tasks have no other egress.
    gateways: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    more_endpoints: Callable[[App], tuple[str, ...]] = lambda _: ()  # only where the app says so

    def names(self, app: App) -> list[str]:
        """Return the names of an app's nouns of this kind, in order."""
        return sorted(self.of.names(app))


def graphs(name: str, namespace: str, at: list[Any], metrics: tuple[str, ...]) -> Graphs:
    """Return a graph for each metric of one thing; ``at`` are its dimensions, name and value."""
    return [(f"{name}: {metric}", [[namespace, metric, *at]]) for metric in metrics]
