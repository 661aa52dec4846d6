"""The edge, and what a service needs before anything can reach it."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.finding import Finding, Path
from seatrial.model.service import Service

PUBLIC: tuple[Path, ...] = (("services", "*", "public"), ("sites",))
_EDGE: tuple[Path, ...] = (("edge",), ("domain",), ("profile",))


def check(app: App) -> Iterator[Finding]:
    """Yield edges that would be insecure, and services that cannot be built or reached."""
    if app.edge.kind == "balancer" and app.domain is None:
        yield from _plain(app)
    if app.domain is not None:
        yield from _domain(app)
    public = bool(app.sites) or any(s.public for s in app.services.values())
    if app.firewall is not None and not public:
        yield Finding(
            "appfile-edge",
            ("firewall",),
            "a firewall needs a public service or site",
            "Remove `firewall`, or make a service `public`.",
            (("firewall",), *PUBLIC),
        )
    for name, service in app.services.items():
        yield from _service(app, name, service)


def _plain(app: App) -> Iterator[Finding]:
    """Say why a public balancer without a domain is refused, or must be asked for."""
    if app.profile == "production":
        yield Finding(
            "appfile-edge",
            ("edge",),
            "a public load balancer without a domain has no HTTPS, and profile production "
            "refuses plain HTTP",
            "Use `edge: cdn`: HTTPS without a domain. Or give the app a `domain`.",
            _EDGE,
        )
    elif not app.edge.insecure:
        yield Finding(
            "appfile-edge",
            ("edge",),
            "a public load balancer without a domain has no HTTPS",
            "Use `edge: cdn`, give the app a `domain`, or accept plain HTTP: "
            "`edge: {kind: balancer, insecure: true}`.",
            _EDGE,
        )


def _domain(app: App) -> Iterator[Finding]:
    domain = app.domain
    if domain is None:
        return
    if not app.sites and not any(s.public for s in app.services.values()):
        yield Finding(
            "appfile-domain",
            ("domain",),
            "a domain needs a public service or site",
            "Make a service `public`, or remove `domain`.",
            (("domain",), *PUBLIC),
        )
    if domain.name != domain.zone_of and not domain.name.endswith(f".{domain.zone_of}"):
        yield Finding(
            "appfile-domain",
            ("domain", "zone_name"),
            f"`{domain.name}` is not in the zone `{domain.zone_of}`",
            "Set the zone that contains the name: `zone_name: example.com`.",
        )
    if app.edge.kind == "balancer" and app.sites:
        yield Finding(
            "appfile-domain",
            ("domain",),
            "with `edge: balancer` the domain belongs to the load balancer, so the site has none",
            "Use `edge: cdn`.",
            (("domain",), ("edge",), ("sites",)),
        )


def _service(app: App, name: str, service: Service) -> Iterator[Finding]:
    path = ("services", name)
    if (service.build is None) == (service.image is None):
        both = "both `build` and `image`" if service.build else "neither `build` nor `image`"
        yield Finding(
            "appfile-build",
            path,
            f"the service has {both}",
            "Give it one of them: `build: ./folder`, or `image: repository:tag`.",
            ((*path, "build"), (*path, "image")),
        )
    if service.public and service.port is None:
        yield Finding(
            "appfile-route",
            (*path, "public"),
            "a public service needs a port",
            "Add the `port` it listens on.",
            ((*path, "public"), (*path, "port")),
        )
    if service.public and service.public.host:
        yield from _host(app, service.public.host, (*path, "public", "host"))
    if (
        service.count.target.cpu is None
        and service.count.target.memory is None
        and (service.count.most > service.count.min)
    ):
        yield Finding(
            "appfile-count",
            (*path, "count"),
            "the number of tasks can grow, but there is no scaling target",
            "Add `target: {cpu: 70%}`, or make `max` equal to `min`.",
        )
    if service.capacity.fargate == service.capacity.spot == 0:
        yield Finding(
            "appfile-capacity",
            (*path, "capacity"),
            "`fargate` and `spot` are both 0",
            "Write `capacity: {base: 1, spot: 3}`, or `capacity: spot`.",
        )


def _host(app: App, host: str, path: tuple[str, ...]) -> Iterator[Finding]:
    """A host must be one that the edge answers to."""
    if app.domain is None and app.edge.kind != "balancer":
        yield Finding(
            "appfile-route",
            path,
            "routes by host need a `domain`, or `edge: {kind: balancer}`",
            "Remove `host`, or add a `domain`.",
            (path, ("domain",), ("edge",)),
        )
    elif app.domain and host != app.domain.name and not host.endswith(f".{app.domain.zone_of}"):
        yield Finding(
            "appfile-route",
            path,
            f"`{host}` is not in the domain's zone `{app.domain.zone_of}`",
            f"Write a name such as `api.{app.domain.zone_of}`.",
            (path, ("domain",)),
        )
