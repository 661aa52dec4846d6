"""The builders in one row: an app becomes a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seatrial.model.app import KINDS as NOUNS
from seatrial.model.app import App
from seatrial.resources import (
    access,
    alarms,
    budget,
    cluster,
    dashboard,
    edge,
    logs,
    network,
    overrides,
    reach,
    route,
)
from seatrial.resources.context import Context, builds
from seatrial.resources.graph import Graph, Resource, collect
from seatrial.resources.kind import ResourceKind

KINDS: tuple[ResourceKind, ...] = tuple(kind.module("resources").RESOURCES for kind in NOUNS)
# Types that hold data, and types at an address that others know, each in words.
HOLDS = {type_: words for kind in KINDS for type_, words in kind.holds.items()}
SERVES = {type_: words for kind in KINDS for type_, words in kind.serves.items()}
# What nouns share.
SHARED = (network, edge, cluster, logs, access, reach, route, alarms, dashboard, budget)


def holds_data(resource: Resource) -> bool:
    """Return whether a resource holds data of its noun; a site's or the logs' bucket does not."""
    section = resource.noun.partition(".")[0]
    return any(kind.of.section == section and resource.type in kind.holds for kind in KINDS)


def graph(app: App, line: Callable[[str], int | None] = lambda _: None) -> Graph:
    """Return the graph of an app; ``line`` finds the app file's line of a noun.

    Raises UserError for a patch that no resource takes, and for more grants than a role takes.
    """
    context = Context(app, KINDS)
    builders = [*(part.build for part in SHARED), *(kind.build for kind in KINDS)]
    made = collect(build(context) for build in builders)
    overrides.refuse(made, app.terraform)
    access.refuse(made, app.region)
    resources = overrides.patched(made, app.terraform)
    lines = {noun: line(noun) for noun in {resource.noun for resource in resources}}
    return Graph(
        app.app,
        app.environment,
        region=app.region,
        builds=tuple(sorted(set(builds(app).values()))),
        resources=tuple(replace(r, line=lines[r.noun]) for r in resources),
        tags=tuple(sorted(app.tags.items())),
        files=tuple(sorted(app.terraform.texts.items())),
    )
