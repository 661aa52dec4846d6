"""Sites: their routes lead to services that answer there."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.rules.routes import normal
from seatrial.model.site import Site


def check(app: App) -> Iterator[Finding]:
    """Yield routes of sites that lead nowhere, and sites that the edge cannot serve."""
    for name, site in app.sites.items():
        path: Path = ("sites", name)
        for pattern, service in site.routes.items():
            yield from _route(app, pattern, service, (*path, "routes", pattern))
        yield from _edge(app, site, path)


def _edge(app: App, site: Site, path: Path) -> Iterator[Finding]:
    if site.routes and app.edge.kind != "cdn":
        yield Finding(
            "appfile-site-route",
            (*path, "routes"),
            "a site's routes need CloudFront and an internal load balancer",
            "Use `edge: cdn`.",
            ((*path, "routes"), ("edge",)),
        )


def _route(app: App, pattern: str, service: str, path: Path) -> Iterator[Finding]:
    known = app.services.get(service)
    if known is None:
        yield Finding(
            "appfile-site-route",
            path,
            f"there is no service `{service}`",
            nearest(service, app.services),
            (path, ("services", service)),
        )
        return
    prefix = normal(pattern.split("*")[0])
    if owner(app, prefix) != service:
        yield Finding(
            "appfile-site-route",
            path,
            f"the load balancer sends `{prefix}` to {owner(app, prefix) or 'no service'}, "
            f"not to `{service}`",
            f"Route it to the service: `services.{service}.public: {prefix}`.",
            (path, ("services", "*", "public")),
        )


def owner(app: App, path: str) -> str | None:
    """Return the service that the balancer sends a path to: the one with the longest prefix."""
    found = [
        (len(normal(own)), name)
        for name, service in app.services.items()
        for own in (service.public.path if service.public and not service.public.host else ())
        if normal(own) == "/" or path == normal(own) or path.startswith(f"{normal(own)}/")
    ]
    return max(found)[1] if found else None
