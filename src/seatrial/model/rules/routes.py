"""Routes that collide, and what one balancer can hold."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.finding import Finding

# Elastic Load Balancing quotas for one Application Load Balancer (ELB user guide).
MOST_RULES = 100
MOST_TARGET_GROUPS = 100
MOST_LISTENERS = 50


def called_privately(app: App) -> tuple[str, ...]:
    """Return the services with a port that another service uses, in name order."""
    used = {use.name for service in app.services.values() for use in service.uses}
    return tuple(n for n, s in sorted(app.services.items()) if n in used and s.port is not None)


def normal(path: str) -> str:
    """Return a path prefix as it is compared: without the slash at its end."""
    return path.rstrip("/") or "/"


def check(app: App) -> Iterator[Finding]:
    """Yield routes that two services claim, and counts above the balancer's quotas."""
    owners: dict[tuple[str, str], str] = {}
    for name, service in app.services.items():
        for index, path in enumerate(service.public.path if service.public else ()):
            host = service.public.host if service.public else ""
            owner = owners.setdefault((host, normal(path)), name)
            if owner != name or path in (service.public.path[:index] if service.public else ()):
                yield Finding(
                    "appfile-route",
                    ("services", name, "public"),
                    f"`{host}{path}` is already the route of `{owner}`",
                    "Give each service its own path.",
                )
    yield from _limits(app)


def _limits(app: App) -> Iterator[Finding]:
    public = [s for s in app.services.values() if s.public]
    private = called_privately(app)
    rules = sum(1 + len(service.public.path) for service in public if service.public)
    both = sum(1 for n in private if app.services[n].public and app.edge.kind == "balancer")
    groups = len({*private, *(n for n, s in app.services.items() if s.public)}) + both
    counts = (
        ("listener rules (a public service takes one, and one for each path)", rules, MOST_RULES),
        ("target groups", groups, MOST_TARGET_GROUPS),
        ("listeners (one for each service that others call)", 1 + len(private), MOST_LISTENERS),
    )
    for what, number, most in counts:
        if number > most:
            yield Finding(
                "appfile-limit",
                ("services",),
                f"the load balancer would need {number} {what}; AWS allows {most}",
                "Split the app in two, or put several routes into one service.",
            )
