"""A stack as a picture: boxes of the user's nouns, and who talks to whom. Pure, no drawing.

Read from the app, whose words people know; what stands between (balancer, CDN) is one box each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from seatrial.model.app import App

Kind = Literal["world", "edge", "run", "data"]


@dataclass(frozen=True)
class Node:
    """One thing; ``about`` says what it is in a few words."""

    name: str
    kind: Kind
    column: int
    title: str
    about: str


@dataclass(frozen=True)
class Picture:
    """Boxes in columns from the world to the data, and arrows between them."""

    title: str
    boxes: tuple[Node, ...]
    arrows: tuple[tuple[str, str], ...]

    @property
    def columns(self) -> list[list[Node]]:
        """Return the boxes of each column; columns without boxes are left out."""
        numbers = sorted({box.column for box in self.boxes})
        return [[box for box in self.boxes if box.column == number] for number in numbers]


INTERNET, EDGE, FRONT, SERVICE, CALLED, DATA = range(6)


def picture(app: App) -> Picture:
    """Return the picture of an app."""
    boxes = (*_world(app), *_edge(app), *_running(app), *_data(app))
    names = {box.name for box in boxes}
    arrows = dict.fromkeys((a, b) for a, b in _arrows(app) if a in names and b in names)
    return Picture(f"{app.app} ({app.environment})", boxes, tuple(arrows))


def _public(app: App) -> bool:
    return any(service.public for service in app.services.values())


def _world(app: App) -> Iterator[Node]:
    if _public(app) or app.sites:
        where = app.domain.name if app.domain else "HTTPS" if _tls(app) else "plain HTTP"
        yield Node("/internet", "world", INTERNET, "Internet", f"public: {where}")
    if app.users:
        yield Node("users", "edge", EDGE, "users", f"Cognito, MFA {app.users.mfa}")


def _tls(app: App) -> bool:
    return app.edge.kind == "cdn" or app.domain is not None


def _edge(app: App) -> Iterator[Node]:
    guard = ", firewall" if app.firewall else ""
    for name in sorted(app.sites):
        yield Node(name, "edge", EDGE, name, f"site: CloudFront, S3{guard}")
    if _public(app):
        cdn = app.edge.kind == "cdn"
        yield Node(
            "/edge",
            "edge",
            FRONT if cdn and app.sites else EDGE,
            "balancer",
            f"private, behind CloudFront{guard}" if cdn else f"public{guard}",
        )


def _running(app: App) -> Iterator[Node]:
    called = {use.name for service in app.services.values() for use in service.uses}
    for name, service in sorted(app.services.items()):
        count = service.count
        tasks = f"{count.min}" if count.most == count.min else f"{count.min} to {count.most}"
        spot = ", Spot" if service.capacity.spot else ""
        what = f"{tasks} x {service.cpu / 1024:g} vCPU, {service.memory / 1024:g} GB{spot}"
        behind = name in called and service.public is None
        yield Node(name, "run", CALLED if behind else SERVICE, name, what)
    for name, job in sorted(app.jobs.items()):
        yield Node(name, "run", SERVICE, name, f"job: {job.schedule}")


def _data(app: App) -> Iterator[Node]:
    for name, database in sorted(app.databases.items()):
        zones = ", two zones" if database.multi_az else ""
        about = f"{database.offer.title} {database.version}, {database.storage} GB{zones}"
        yield Node(name, "data", DATA, name, about)
    for name, cache in sorted(app.caches.items()):
        copies = f", {cache.replicas} more" if cache.replicas else ""
        yield Node(name, "data", DATA, name, f"{cache.engine.title()} cache{copies}")
    for name, queue in sorted(app.queues.items()):
        yield Node(name, "data", DATA, name, "queue, in order" if queue.fifo else "queue")
    for name, bucket in sorted(app.buckets.items()):
        yield Node(name, "data", DATA, name, "bucket, versioned" if bucket.versioned else "bucket")
    if app.secrets:
        many = ", ".join(sorted(app.secrets))
        yield Node("/secrets", "data", DATA, "secrets", many)


def _arrows(app: App) -> Iterator[tuple[str, str]]:
    for name, site in sorted(app.sites.items()):
        yield "/internet", name
        if site.routes:
            yield name, "/edge"
    if _public(app):
        yield "/internet", "/edge"
    yield "/internet", "users"
    for name, service in sorted(app.services.items()):
        if service.public:
            yield "/edge", name
        for use in service.uses:
            yield name, "/secrets" if use.name in app.secrets else use.name
    for name, job in sorted(app.jobs.items()):
        if job.service in app.services:
            for use in app.services[job.service].uses:
                yield name, "/secrets" if use.name in app.secrets else use.name
