"""The edge, and what a service needs before anything can reach it."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.rules.finding import Finding
from seatrial.model.service import Service


def check(app: App) -> Iterator[Finding]:
    """Yield edges that would be insecure, and services that cannot be built or reached."""
    if app.edge.kind == "balancer" and app.profile == "production":
        yield Finding(
            "appfile-edge",
            ("edge",),
            "a public balancer without a domain has no HTTPS, and profile production "
            "refuses plain HTTP",
            "Use `edge: cdn`: HTTPS without a domain.",
        )
    elif app.edge.kind == "balancer" and not app.edge.insecure:
        yield Finding(
            "appfile-edge",
            ("edge",),
            "a public balancer without a domain has no HTTPS",
            "Use `edge: cdn`, or accept plain HTTP: `edge: {kind: balancer, insecure: true}`.",
        )
    for name, service in app.services.items():
        yield from _service(app, name, service)


def _service(app: App, name: str, service: Service) -> Iterator[Finding]:
    path = ("services", name)
    if (service.build is None) == (service.image is None):
        both = "both `build` and `image`" if service.build else "neither `build` nor `image`"
        yield Finding(
            "appfile-build",
            path,
            f"the service has {both}",
            "Give it one of them: `build: ./folder`, or `image: repo@sha256:...`.",
        )
    if service.public and service.port is None:
        yield Finding(
            "appfile-route",
            (*path, "public"),
            "a public service needs a port",
            "Add the `port` it listens on.",
        )
    if service.public and service.public.host and app.edge.kind != "balancer":
        yield Finding(
            "appfile-route",
            (*path, "public", "host"),
            "routes by host need `edge: {kind: balancer}` while there is no domain",
            "Remove `host`, or change the edge.",
        )
    if (
        service.count.target.cpu is None
        and service.count.target.memory is None
        and (service.count.most > service.count.min)
    ):
        yield Finding(
            "appfile-count",
            (*path, "count"),
            "the count may grow, but nothing says when",
            "Add `target: {cpu: 70%}`, or make `max` equal to `min`.",
        )
