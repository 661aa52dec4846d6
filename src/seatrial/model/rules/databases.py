"""Databases and caches: versions, logs, insights and parameters that AWS offers for an engine."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.cache import CACHE_VERSIONS
from seatrial.model.database import Database
from seatrial.model.finding import Finding, Path, nearest


def check(app: App) -> Iterator[Finding]:
    """Yield what RDS does not offer."""
    for name, database in app.databases.items():
        yield from _one(database, ("databases", name))
    for name, cache in app.caches.items():
        known = CACHE_VERSIONS[cache.engine]
        if cache.version not in known:
            yield Finding(
                "appfile-engine-version",
                ("caches", name, "version"),
                f"ElastiCache offers no {cache.engine.title()} `{cache.version}`",
                f"Write one of: {', '.join(known)}.",
            )


def _one(database: Database, path: Path) -> Iterator[Finding]:
    offer = database.offer
    if database.version not in offer.versions:
        yield Finding(
            "appfile-engine-version",
            (*path, "version"),
            f"RDS offers no {offer.title} `{database.version}`",
            f"Write a major version: {', '.join(offer.versions)}.",
        )
    for log in database.logs:
        if log not in offer.logs:
            yield Finding(
                "appfile-database-log",
                (*path, "logs"),
                f"{offer.title} has no log `{log}` that can be sent to CloudWatch",
                nearest(log, offer.logs),
            )
    if database.most_storage < database.storage:
        yield Finding(
            "appfile-database-storage",
            (*path, "max_storage"),
            f"the disk has {database.storage} GB and may grow to {database.most_storage} GB only",
            f"Write `max_storage: {database.storage * 2} GB`, or leave it out.",
        )
    elif database.storage < database.most_storage < database.storage * 1.1:
        yield Finding(
            "appfile-database-storage",
            (*path, "max_storage"),
            "RDS lets a disk grow by a tenth at least",
            f"Write at least `max_storage: {-(-database.storage * 11 // 10)} GB`.",
        )
    if database.insights and not database.has_insights:
        yield Finding(
            "appfile-database-insights",
            (*path, "insights"),
            f"{offer.title} on `{database.class_}` has no Performance Insights",
            "Remove `insights`, or take a larger class: `db.t4g.medium`.",
        )
    if offer.tls[0] in database.parameters:
        yield Finding(
            "appfile-database-parameter",
            (*path, "parameters", offer.tls[0]),
            f"`{offer.tls[0]}` is always on: nothing speaks to the database without TLS",
            "Remove it.",
        )
