"""The builders in one row: an app becomes a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seatrial.model.app import App
from seatrial.resources import (
    access,
    bucket,
    budget,
    cache,
    cluster,
    dashboard,
    database,
    domain,
    edge,
    firewall,
    hatch,
    job,
    logs,
    network,
    queue,
    reach,
    route,
    secret,
    service,
    site,
    users,
    watch,
)
from seatrial.resources.context import Context, builds
from seatrial.resources.graph import Graph, collect

BUILDERS = (
    network,
    edge,
    domain,
    firewall,
    cluster,
    database,
    cache,
    bucket,
    queue,
    secret,
    users,
    site,
    logs,
    access,
    reach,
    route,
    service,
    job,
    watch,
    dashboard,
    budget,
)


def graph(app: App, line: Callable[[str], int | None] = lambda _: None) -> Graph:
    """Return the graph of an app; ``line`` finds the app file's line of a noun.

    Raises UserError for a patch that no resource takes.
    """
    context = Context(app)
    made = collect(builder.build(context) for builder in BUILDERS)
    hatch.refuse(made, app.terraform)
    resources = hatch.patched(made, app.terraform)
    lines = {noun: line(noun) for noun in {resource.noun for resource in resources}}
    return Graph(
        app.app,
        app.environment,
        app.region,
        tuple(sorted(set(builds(app).values()))),
        tuple(replace(r, line=lines[r.noun]) for r in resources),
        tuple(sorted(app.tags.items())),
        tuple(sorted(app.terraform.texts.items())),
    )
