"""A stack as a picture: the user's nouns, and who talks to whom. Pure, no drawing.

Read from the app, whose words people know; what stands between (balancer, CDN) is one node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.model.app import App
from seatrial.model.service import Service
from seatrial.resources.catalog import KINDS
from seatrial.resources.kind import EDGE, FRONT, INTERNET, Arrow, Node

ORDER = ("world", "edge", "run", "data")


@dataclass(frozen=True)
class Picture:
    """Nodes in columns from the world to the data, and arrows between them."""

    title: str
    nodes: tuple[Node, ...]
    arrows: tuple[tuple[str, str], ...]

    @property
    def columns(self) -> list[list[Node]]:
        """Return the nodes of each column; columns without nodes are left out."""
        numbers = sorted({node.column for node in self.nodes})
        return [[node for node in self.nodes if node.column == number] for number in numbers]


def picture(app: App) -> Picture:
    """Return the picture of an app."""
    nouns = (node for kind in KINDS for node in kind.nodes(app))
    nodes = sorted((*_world(app), *nouns, *_edge(app)), key=lambda node: ORDER.index(node.kind))
    names = {node.name for node in nodes}
    arrows = dict.fromkeys((a, b) for a, b in _arrows(app) if a in names and b in names)
    return Picture(f"{app.app} ({app.environment})", tuple(nodes), tuple(arrows))


def _public(app: App) -> bool:
    return any(service.public for service in app.services.values())


def _world(app: App) -> Iterator[Node]:
    if _public(app) or app.sites:
        where = app.domain.name if app.domain else "HTTPS" if _tls(app) else "plain HTTP"
        yield Node("/internet", "world", INTERNET, "Internet", f"public: {where}")


def _tls(app: App) -> bool:
    return app.edge.kind == "cdn" or app.domain is not None


def _edge(app: App) -> Iterator[Node]:
    guard = ", firewall" if app.firewall else ""
    if _public(app):
        cdn = app.edge.kind == "cdn"
        yield Node(
            "/edge",
            "edge",
            FRONT if cdn and app.sites else EDGE,
            "balancer",
            f"private, behind CloudFront{guard}" if cdn else f"public{guard}",
        )


def _arrows(app: App) -> Iterator[Arrow]:
    for kind in KINDS:
        yield from kind.arrows(app)
    if _public(app):
        yield "/internet", "/edge"
    for name, service in sorted(app.services.items()):
        if service.public:
            yield "/edge", name
        yield from _used(app, name, service)
    for name, job in sorted(app.jobs.items()):
        if job.service in app.services:
            yield from _used(app, name, app.services[job.service])


def _used(app: App, name: str, service: Service) -> Iterator[Arrow]:
    for use in service.uses:
        kind = next((each for each in KINDS if use.name in each.of.names(app)), None)
        if kind:
            yield name, kind.node_of(use.name)
