"""The graph: frozen resources, references as objects, and no pointer to nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal

Root = Literal["foundation", "release"]
Address = tuple[str, str]


@dataclass(frozen=True)
class Ref:
    """A pointer from one resource to an attribute of another."""

    type: str
    name: str
    attribute: str = "id"

    @property
    def address(self) -> Address:
        """Return what identifies the resource that is pointed at."""
        return (self.type, self.name)


@dataclass(frozen=True)
class Expr:
    """A Terraform expression of our own making; never built from an app file's text."""

    text: str


@dataclass(frozen=True)
class Joined:
    """Literal text and references, one after the other."""

    parts: tuple[str | Ref | Expr, ...]


@dataclass(frozen=True)
class Json:
    """A JSON document inside an attribute; it may hold references."""

    value: Any


def joined(*parts: str | Ref | Expr) -> Joined:
    """Return text made of several parts."""
    return Joined(parts)


@dataclass(frozen=True)
class Resource:
    """One Terraform resource (or data source) and the noun of the app file it belongs to."""

    type: str
    name: str
    root: Root
    noun: str
    body: Mapping[str, Any]
    data: bool = False
    after: tuple[Ref, ...] = ()
    line: int | None = field(default=None, compare=False)

    @property
    def address(self) -> Address:
        """Return what identifies this resource."""
        return (self.type, self.name)

    def ref(self, attribute: str = "id") -> Ref:
        """Return a pointer to one of this resource's attributes."""
        return Ref(self.type, self.name, attribute)

    @property
    def refs(self) -> Iterator[Ref]:
        """Yield every pointer that this resource holds."""
        yield from self.after
        yield from refs_in(self.body)


def refs_in(value: Any) -> Iterator[Ref]:
    """Yield every reference inside a value."""
    match value:
        case Ref():
            yield value
        case Joined(parts):
            yield from (part for part in parts if isinstance(part, Ref))
        case Json(inner):
            yield from refs_in(inner)
        case Mapping():
            for item in value.values():
                yield from refs_in(item)
        case list() | tuple():
            for item in value:
                yield from refs_in(item)
        case _:
            return


@dataclass(frozen=True)
class Graph:
    """All resources of an app in one environment; refuses to exist with a wrong pointer."""

    app: str
    environment: str
    region: str
    builds: tuple[str, ...]
    resources: tuple[Resource, ...]
    tags: tuple[tuple[str, str], ...] = ()  # the user's own, on everything
    files: tuple[tuple[str, str], ...] = ()  # the user's own Terraform beside the foundation

    def __post_init__(self) -> None:
        seen: set[Address] = set()
        for resource in self.resources:
            if resource.address in seen:
                raise ValueError(f"two resources are called {'.'.join(resource.address)}")
            seen.add(resource.address)
        for resource in self.resources:
            for ref in resource.refs:
                self._check(resource, ref)
        self._refuse_cycles()

    def _check(self, resource: Resource, ref: Ref) -> None:
        target = self.by_address.get(ref.address)
        if target is None:
            raise ValueError(f"{'.'.join(resource.address)} points at missing {ref}")
        if resource.root == "foundation" and target.root == "release":
            raise ValueError(f"foundation's {'.'.join(resource.address)} points into the release")

    def _refuse_cycles(self) -> None:
        order = TopologicalSorter(
            {r.address: {ref.address for ref in r.refs} for r in self.resources}
        )
        try:
            order.prepare()
        except CycleError as error:
            raise ValueError(
                f"resources point at each other in a circle: {error.args[1]}"
            ) from error

    @cached_property
    def by_address(self) -> dict[Address, Resource]:
        """Return the resources by their address."""
        return {resource.address: resource for resource in self.resources}

    def root(self, root: Root) -> tuple[Resource, ...]:
        """Return the resources of one Terraform root."""
        return tuple(resource for resource in self.resources if resource.root == root)


def union(serving: Graph, wanted: Graph) -> Graph:
    """Return the graph to apply before a release: nothing a serving task uses is missing.

    Every grant and every security-group rule is a resource of its own, so that the union of two
    graphs is the union of their addresses; where both have one, the wanted body counts.
    """
    serving_only = [
        resource
        for resource in serving.root("foundation")
        if resource.address not in wanted.by_address
    ]
    return Graph(
        wanted.app,
        wanted.environment,
        region=wanted.region,
        builds=tuple(sorted({*serving.builds, *wanted.builds})),
        resources=(*wanted.resources, *serving_only),
        tags=wanted.tags,
        files=wanted.files,
    )


def collect(parts: Iterable[Iterable[Resource]]) -> tuple[Resource, ...]:
    """Return the resources of several builders in one row."""
    return tuple(resource for part in parts for resource in part)
