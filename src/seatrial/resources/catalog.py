"""The builders in one row: an app becomes a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seatrial.model.app import App
from seatrial.resources import (
    access,
    bucket,
    cluster,
    database,
    edge,
    firewall,
    job,
    logs,
    network,
    route,
    secret,
    service,
)
from seatrial.resources.context import Context, builds
from seatrial.resources.graph import Graph, collect

BUILDERS = (
    network,
    edge,
    cluster,
    database,
    bucket,
    secret,
    logs,
    access,
    firewall,
    route,
    service,
    job,
)


def graph(app: App, line: Callable[[str], int | None] = lambda _: None) -> Graph:
    """Return the graph of an app; ``line`` finds the app file's line of a noun."""
    context = Context(app)
    resources = collect(builder.build(context) for builder in BUILDERS)
    lines = {noun: line(noun) for noun in {resource.noun for resource in resources}}
    return Graph(
        app.app,
        app.environment,
        app.region,
        tuple(sorted(set(builds(app).values()))),
        tuple(replace(r, line=lines[r.noun]) for r in resources),
    )
