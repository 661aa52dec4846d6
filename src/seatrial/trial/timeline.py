"""The time line of a trial as SVG: steps, requests, deployments and tasks over the same seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from seatrial.trial.observer import StateHistory
from seatrial.trial.report import TrialReport

WIDTH, LEFT, RIGHT = 1180.0, 170.0, 110.0
TOP, ROW, GAP = 112.0, 15.0, 26.0
SLANT = 45  # degrees of a step's name
APART = 21.0  # pixels between two names above the chart: 15 across the slant, for letters of 12
NAMES_END = TOP - 20  # where names begin; below, a line leads from each to its step
LANE_LETTERS = 24  # that fit before the chart
TRAFFIC, SLOW = 70.0, 34.0
BUCKET = 0.5  # seconds of one column of requests


@dataclass(frozen=True)
class Scale:
    """Pixels by time; seconds count from the trial's start."""

    begin: float
    seconds: float

    def x(self, second: float) -> float:
        """Return the x coordinate of a second."""
        part = min(max(second / self.seconds, 0.0), 1.0)
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)


def timeline(report: TrialReport) -> str:
    """Return the chart as SVG."""
    scale = Scale(report.begin, max(report.seconds, 1.0))
    parts, y = list(_requests(report, scale, TOP)), TOP + TRAFFIC + SLOW + GAP
    for title, bars in _lanes(report):
        parts.append(_text(8, y, _short(title), "soft"))
        rows = _packed(bars, scale)
        for bar, row in rows:
            parts += _bar(bar, scale, y - 11 + row * ROW)
        y += max((row for _, row in rows), default=0) * ROW + GAP
    height = y + 4
    back = [*_bands(report, scale, height), *_grid(scale, height)]
    label = f"Time line of {len(report.steps)} steps in {report.seconds:.0f} seconds"
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{escape(label)}">'
        f"{''.join(back)}{''.join(parts)}</svg>"
    )


def _bands(report: TrialReport, scale: Scale, height: float) -> Iterator[str]:
    """Yield the steps as bands, every other one tinted, their names slanted above."""
    shown = [step for step in report.steps if step.result != "skipped"]
    places = spread([scale.x(step.begin) + 4 for step in shown])
    for number, (step, at) in enumerate(zip(shown, places, strict=True)):
        x, end = scale.x(step.begin), scale.x(step.begin + step.seconds)
        tinted = number % 2 == 0 or step.result == "failed"
        if tinted:
            yield (
                f'<rect class="band {step.result}" x="{x}" y="{TOP - 4}" '
                f'width="{max(end - x, 1):.1f}" height="{height - TOP}"/>'
            )
        mark = "bad" if step.result == "failed" else ""
        yield f'<path class="lead" d="M{at} {NAMES_END + 3} L{x + 1} {TOP - 4}"/>'
        yield (
            f'<text class="{mark}" x="{at}" y="{NAMES_END}" '
            f'transform="rotate(-{SLANT} {at} {NAMES_END})">{escape(step.name)}'
            f"<title>{escape(step.title)}: {step.result}, {step.seconds:.1f} s</title></text>"
        )


def spread(places: list[float]) -> list[float]:
    """Return positions in the same order, none nearer to the next than ``APART``.

    What would leave the chart at its right end is pushed back to the left.
    """
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + APART if found else place))
    most = WIDTH - RIGHT
    for index in range(len(found) - 1, -1, -1):
        found[index] = round(min(found[index], most), 1)
        most = found[index] - APART
    return found


def _grid(scale: Scale, height: float) -> Iterator[str]:
    step = next(
        s for s in (5, 10, 20, 30, 60, 120, 300, 600) if scale.seconds / s <= 16 or s == 600
    )
    for second in range(0, int(scale.seconds) + 1, step):
        x = scale.x(second)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{height - 12}"/>'
        yield _text(x + 3, height - 2, f"{second} s", "soft")


def _requests(report: TrialReport, scale: Scale, top: float) -> Iterator[str]:
    """Yield requests as columns, failed ones on top, and the slowest answer as a line below."""
    yield _text(8, top + 14, "requests a second", "soft")
    yield _text(8, top + TRAFFIC + SLOW - 8, "slowest answer", "soft")
    columns: dict[int, list[tuple[bool, float]]] = {}
    for answer in report.answers:
        slot = int((answer.at - scale.begin) / BUCKET)
        columns.setdefault(slot, []).append((answer.failed, answer.seconds))
    most = max((len(found) for found in columns.values()), default=1)
    yield _text(LEFT - 8, top + 16, f"{most / BUCKET:.0f}", "soft end")
    yield _text(LEFT - 8, top + TRAFFIC, "0", "soft end")
    width = max(scale.x(BUCKET) - scale.x(0), 0.8)
    for slot, found in sorted(columns.items()):
        yield from _column(slot, found, scale, (top + TRAFFIC, width, (TRAFFIC - 12) / most))
    yield from _slowest(columns, scale, top + TRAFFIC + SLOW)


def _column(
    slot: int, found: list[tuple[bool, float]], scale: Scale, geometry: tuple[float, float, float]
) -> Iterator[str]:
    floor, width, each = geometry
    failed = sum(bad for bad, _ in found)
    good, x = len(found) - failed, scale.x(slot * BUCKET)
    rates = f"{good / BUCKET:.0f} answered, {failed / BUCKET:.0f} failed"
    reported = f"{slot * BUCKET:.1f} s: {rates} a second"
    for kind, count, below in (("ok", good, 0), ("bad", failed, good)):
        if count:
            high, y = count * each, floor - (below + count) * each
            yield (
                f'<rect class="{kind}" x="{x}" y="{y:.1f}" width="{width:.1f}" '
                f'height="{high:.1f}"><title>{reported}</title></rect>'
            )


def _slowest(
    columns: dict[int, list[tuple[bool, float]]], scale: Scale, floor: float
) -> Iterator[str]:
    slowest = {slot: max(seconds for _, seconds in found) for slot, found in columns.items()}
    if not slowest:
        return
    most = max(slowest.values())
    points = " ".join(
        f"{scale.x(slot * BUCKET)},{floor - 4 - (SLOW - 12) * seconds / most:.1f}"
        for slot, seconds in sorted(slowest.items())
    )
    yield f'<polyline class="slow" points="{points}"><title>at most {most:.2f} s</title></polyline>'


def _lanes(report: TrialReport) -> Iterator[tuple[str, list[StateHistory]]]:
    """Yield a lane for each service's deployments and one for its tasks."""
    for service in sorted({bar.service for bar in report.deployments}):
        yield f"{service} deployments", [b for b in report.deployments if b.service == service]
        yield f"{service} tasks", [b for b in report.tasks if b.service == service]
    alone = {bar.service for bar in report.tasks} - {bar.service for bar in report.deployments}
    if alone:
        yield "migrations, jobs", [bar for bar in report.tasks if bar.service in alone]


def _short(title: str) -> str:
    """Return a lane's title as it fits before the chart: a long service's name is shortened."""
    service, _, what = title.rpartition(" ")
    room = LANE_LETTERS - len(what) - 1
    return title if len(service) <= room else f"{service[: room - 1]}… {what}"


def _packed(bars: list[StateHistory], scale: Scale) -> list[tuple[StateHistory, int]]:
    """Return each bar with the first row where it covers no other."""
    ends: list[float] = []
    found = []
    for bar in sorted(bars, key=lambda b: b.states[0][0]):
        begin, end = scale.x(bar.states[0][0] - scale.begin), scale.x(bar.last - scale.begin)
        row = next((n for n, taken in enumerate(ends) if taken + 2 <= begin), len(ends))
        ends[row : row + 1] = [max(end, begin + 4)]
        found.append((bar, row))
    return found


CLASSES = {
    "RUNNING": "run",
    "DEACTIVATING": "drain",
    "STOPPING": "drain",
    "DEPROVISIONING": "drain",
    "IN_PROGRESS": "roll",
    "COMPLETED": "done",
    "FAILED": "died",
}


def _bar(bar: StateHistory, scale: Scale, y: float) -> Iterator[str]:
    """Yield a bar: a piece for each state, its last one red where it ended with an error."""
    reported = escape(f"{bar.label}: {bar.states[-1][1].lower()}. {bar.reason}".strip())
    moments = [*bar.states, (bar.last, "")]
    for (begin, state), (end, _) in pairwise(moments):
        x = scale.x(begin - scale.begin)
        width = max(scale.x(end - scale.begin) - x, 2.0)
        kind = CLASSES.get(state, "starting")
        if state == "STOPPED":
            if not _died(bar):
                continue
            kind, x, width = "died", x - 3, 4.0
        yield (
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{ROW - 4}" '
            f'rx="2"><title>{reported}</title></rect>'
        )


def _died(bar: StateHistory) -> bool:
    """Return whether a task ended unplanned: with an error, or without being stopped."""
    planned = bar.reason.startswith(("Scaling activity", "Task stopped by a user"))
    return bool(bar.reason) and not planned and "(exit code 0)" not in bar.reason


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
