"""Pictures as SVG, made here; each is described in words beside it as well."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from seatrial_runtime.metrics import Minute

if TYPE_CHECKING:
    from registry.lineage import Graph

WIDE, HIGH, GAP = 210, 46, 60  # of a node; between columns
LETTERS = 25  # that fit in a node


def lineage(graph: Graph) -> Markup:
    """Draw what an artifact was made from: the oldest at the left, itself at the right."""
    columns = _columns(graph)
    last = max(columns.values())
    rows: dict[str, int] = {}
    seen: dict[int, int] = {}
    for id_ in graph.nodes:
        rows[id_] = seen.get(columns[id_], 0)
        seen[columns[id_]] = rows[id_] + 1
    place = {
        id_: ((last - columns[id_]) * (WIDE + GAP) + 4, rows[id_] * (HIGH + 18) + 4)
        for id_ in graph.nodes
    }
    width = (last + 1) * (WIDE + GAP) - GAP + 8
    height = max(seen.values()) * (HIGH + 18) - 18 + 8
    lines = [_edge(place[e.parent], place[e.child], e.relationship) for e in graph.edges]
    boxes = [
        _box(place[n.id], n.name, n.type, registered=n.registered, own=n.id == graph.root)
        for n in graph.nodes.values()
    ]
    label = f"Lineage of {graph.nodes[graph.root].name}: {len(graph.nodes)} artifacts"
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-label="{escape(label)}">{"".join(lines)}{"".join(boxes)}</svg>'
    )


def _columns(graph: Graph) -> dict[str, int]:
    """Return how many steps each node is upstream of the artifact, by the longest way.

    So that every line goes from left to right; a cycle ends after as many rounds as nodes.
    """
    found = dict.fromkeys(graph.nodes, 0)
    for _ in graph.nodes:
        longer = {
            e.parent: found[e.child] + 1 for e in graph.edges if found[e.child] >= found[e.parent]
        }
        if not longer:
            break
        found |= longer
    found[graph.root] = 0
    return found


def _edge(parent: tuple[int, int], child: tuple[int, int], relationship: str) -> str:
    x, y = parent[0] + WIDE, parent[1] + HIGH // 2
    to_x, to_y = child[0], child[1] + HIGH // 2
    middle = (x + to_x) // 2
    path = f"M{x} {y} C{middle} {y} {middle} {to_y} {to_x} {to_y}"
    return f'<path class="edge" d="{path}"><title>{escape(relationship)}</title></path>'


def _box(at: tuple[int, int], name: str, type_: str, *, registered: bool, own: bool) -> str:
    kind = "own" if own else "known" if registered else "outside"
    short = name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
    note = type_ if registered else f"{type_}, not registered"
    return (
        f'<g class="node {kind}"><title>{escape(name)}</title>'
        f'<rect x="{at[0]}" y="{at[1]}" width="{WIDE}" height="{HIGH}" rx="8"/>'
        f'<text x="{at[0] + 12}" y="{at[1] + 20}">{escape(short)}</text>'
        f'<text class="note" x="{at[0] + 12}" y="{at[1] + 36}">{escape(note)}</text></g>'
    )


def hour(minutes: list[Minute]) -> Markup:
    """Draw an hour's requests a minute, the failed part of each in another colour and pattern."""
    now = int(time.time() // 60)
    found = {minute.minute: minute for minute in minutes}
    most = max((minute.total for minute in minutes), default=0) or 1
    bars = []
    for index in range(60):
        minute = found.get(now - 59 + index)
        if minute is None:
            continue
        tall = 120 * minute.total / most
        bad = 120 * minute.failed / most
        ago = 59 - index
        said = f"{ago} minutes ago: {minute.total} requests, {minute.failed} failed"
        bars.append(
            f"<g><title>{said}</title>"
            f'<rect class="bar" x="{40 + index * 11}" y="{130 - tall:.1f}" width="9"'
            f' height="{tall:.1f}"/>'
            f'<rect class="bad" x="{40 + index * 11}" y="{130 - bad:.1f}" width="9"'
            f' height="{bad:.1f}"/></g>'
        )
    total = sum(minute.total for minute in minutes)
    label = f"{total} requests in the last hour, at most {most} in a minute"
    axis = (
        '<line class="axis" x1="38" y1="130" x2="702" y2="130"/>'
        f'<text x="32" y="18" text-anchor="end">{most}</text>'
        '<text x="32" y="133" text-anchor="end">0</text>'
        '<text x="40" y="148">60 minutes ago</text>'
        '<text x="700" y="148" text-anchor="end">now</text>'
    )
    return Markup(
        f'<svg viewBox="0 0 710 156" width="710" height="156" role="img"'
        f' aria-label="{escape(label)}">{axis}{"".join(bars)}</svg>'
    )
