"""Pictures as SVG that browsers and GitHub show: no script, no external reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seatrial.resources.kind import Node
    from seatrial.resources.picture import Picture

FONT = "font-family='ui-sans-serif, system-ui, sans-serif'"
COLOURS = {
    "world": ("#fff7e6", "#b7791f"),
    "edge": ("#e8f1fb", "#2b6cb0"),
    "run": ("#e9f7ef", "#2f855a"),
    "data": ("#f3ecfb", "#6b46c1"),
}
BOX, GAP_X, GAP_Y, MARGIN = (226, 58), 76, 24, 24


def bars(title: str, rows: Mapping[str, float], total: str) -> str:
    """Return amounts as horizontal bars, the largest first."""
    listed = sorted(rows.items(), key=lambda item: -item[1])
    most = max((amount for _, amount in listed), default=0.0) or 1.0
    lines = [_text(16, 30, title, 16, bold=True)]
    for index, (name, amount) in enumerate(listed):
        y = 56 + index * 26
        width = max(round(330 * amount / most), 1)
        lines += [
            _text(16, y + 13, name, 13),
            f"<rect x='210' y='{y}' width='{width}' height='18' rx='3' fill='#2b6cb0'/>",
            _text(220 + width, y + 13, f"{amount:,.2f}", 13),
        ]
    height = 56 + len(listed) * 26 + 40
    lines.append(_text(16, height - 16, total, 14, bold=True))
    return _svg(640, height, title, lines)


def diagram(picture: Picture) -> str:
    """Return a stack as boxes in columns, with an arrow for each connection."""
    places = _places(picture)
    width = max(x for x, _ in places.values()) + BOX[0] + MARGIN
    height = max(y for _, y in places.values()) + BOX[1] + MARGIN
    lines = ["<defs><marker id='a' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' "]
    lines[0] += "markerHeight='7' orient='auto'><path d='M0 0L8 4L0 8z' fill='#718096'/></marker>"
    lines[0] += "</defs>"
    lines += [_text(MARGIN, 32, picture.title, 17, bold=True)]
    lines += [_arrow(places[a], places[b]) for a, b in picture.arrows]
    for box in picture.nodes:
        lines += _box(box, *places[box.name])
    return _svg(width, height, picture.title, lines)


def _places(picture: Picture) -> dict[str, tuple[int, int]]:
    """Return each box's upper left corner: a column for each step away from the internet."""
    columns = picture.columns
    tallest = max(len(column) for column in columns)
    step = BOX[1] + GAP_Y
    return {
        box.name: (
            MARGIN + x * (BOX[0] + GAP_X),
            56 + y * step + (tallest - len(column)) * step // 2,
        )
        for x, column in enumerate(columns)
        for y, box in enumerate(column)
    }


def _box(box: Node, x: int, y: int) -> list[str]:
    fill, line = COLOURS[box.kind]
    dash = "" if box.kind != "world" else " stroke-dasharray='5 4'"
    lines = [
        f"<rect x='{x}' y='{y}' width='{BOX[0]}' height='{BOX[1]}' rx='8' fill='{fill}' "
        f"stroke='{line}' stroke-width='1.5'{dash}/>",
        _text(x + 12, y + 24, _cut(box.title, 26), 14, bold=True),
        _text(x + 12, y + 44, _cut(box.about, 36), 11.5, colour="#4a5568"),
    ]
    return [f"<g><title>{escape(f'{box.title}: {box.about}')}</title>", *lines, "</g>"]


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    """Return an arrow from one box's side to another's; within a column, beside it."""
    y1, y2 = start[1] + BOX[1] // 2, end[1] + BOX[1] // 2
    x1 = start[0] + BOX[0]
    if start[0] == end[0]:
        bow = x1 + GAP_X // 2
        path = f"M{x1} {y1} C{bow} {y1} {bow} {y2} {x1 + 2} {y2}"
    elif end[0] < start[0]:  # back towards the internet
        x1, x2 = start[0], end[0] + BOX[0] + 2
        middle = (x1 + x2) // 2
        path = f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
    else:
        x2, middle = end[0] - 2, (x1 + end[0]) // 2
        path = f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
    return f"<path d='{path}' fill='none' stroke='#718096' marker-end='url(#a)'/>"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _text(
    x: float, y: float, text: str, size: float, *, bold: bool = False, colour: str = "#1a202c"
) -> str:
    weight = " font-weight='600'" if bold else ""
    return f"<text x='{x}' y='{y}' font-size='{size}'{weight} fill='{colour}'>{escape(text)}</text>"


def _svg(width: int, height: int, title: str, lines: Iterable[str]) -> str:
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' "
        f"height='{height}' role='img' {FONT}><title>{escape(title)}</title>"
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>"
    )
    return "\n".join([head, *lines, "</svg>"]) + "\n"
