"""How long a first deploy takes on AWS: medians of other people's logs, along the critical path.

Source: creation times in dozens of public Terraform logs, collected November 2026: RDS single-AZ
322 s (196 to 612), Multi-AZ 900 s, load balancer 156 s, NAT gateway 115 s, CloudFront 184 s; a
Fargate task of a 400 MB image starts in 57 s; a migration was assumed to take 20 s. Networks, roles
and clusters take about 10 s and hide behind these. Destroying RDS took 285 s in one sample,
without a final snapshot. The breaker takes a quarter longer than its tasks' deaths add up to.
"""

from __future__ import annotations

from seatrial.model.app import App
from seatrial.resources.context import Context

NETWORK, BALANCER, CDN, NAT = 10, 156, 184, 115
CERTIFICATE, CACHE = 61, 287  # the certificate comes before CloudFront; one log of a cache
DATABASE, DATABASE_MULTI_AZ = 322, 900
TASK, MIGRATION = 57, 20
START, STOP, DRAIN = 5, 2, 30  # an app's own start, its end on SIGTERM, a target's draining
DESTROY, SLOWER = 285, 1.25


def first_deploy(app: App) -> int:
    """Return the expected seconds of a first deploy on AWS."""
    services = app.services.values()
    public = any(service.public for service in services)
    databases = [
        DATABASE_MULTI_AZ if database.multi_az else DATABASE for database in app.databases.values()
    ]
    edge = BALANCER + (CDN if app.edge.kind == "cdn" else 0) if public else 0
    site = CDN if app.sites else 0
    named = CERTIFICATE if app.domain and (public or app.sites) else 0
    gateway = NAT if app.outbound == "nat" and app.services else 0
    cache = CACHE if app.caches else 0
    slowest = max([edge + named, site + named, gateway, cache, *databases])
    migration = TASK + MIGRATION if any(service.migrate for service in services) else 0
    healthy = max([s.health.interval * s.health.healthy for s in services], default=0)
    return (
        (NETWORK if Context(app).has_network else 0)
        + slowest
        + migration
        + (TASK + healthy if app.services else 0)
    )


def release(app: App) -> int:
    """Return the expected seconds of a release of an app that is there: start, health, drain."""
    healthy = max([s.health.interval * s.health.healthy for s in app.services.values()], default=0)
    migration = MIGRATION + TASK if any(s.migrate for s in app.services.values()) else 0
    return migration + TASK + START + healthy + DRAIN + STOP


def crash(app: App) -> int:
    """Return the expected seconds until a release that crashes at its start is rolled back."""
    tasks = max([max(3, -(-s.count.min // 2)) for s in app.services.values()], default=3)
    return round(tasks * TASK * SLOWER) + release(app)


def replacement(app: App) -> int:
    """Return the expected seconds until a killed task is replaced."""
    healthy = max([s.health.interval * s.health.healthy for s in app.services.values()], default=0)
    return TASK + START + healthy


def destroy(app: App) -> int:
    """Return the expected seconds of a destroy: draining, then the slowest of what is there."""
    parts = [DESTROY] if app.databases else []
    public = app.edge.kind == "cdn" and any(s.public for s in app.services.values())
    parts += [CDN] if public or app.sites else []
    return DRAIN + STOP + max([*parts, BALANCER])
