"""Metrics: what the dashboard shows, read from CloudWatch, of everything that is deployed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from seatrial.cloud import metrics as watch
from seatrial.cloud.metrics import Metric, Point
from seatrial.cloud.session import Session
from seatrial.model.app import App
from seatrial.ops.outputs import Attributes, resolved
from seatrial.ops.release.operation import none_serves
from seatrial.ops.release.roots import Roots
from seatrial.resources.catalog import KINDS
from seatrial.resources.context import Context

COLUMNS = 60  # points of a graph, at most
FINE = (1, 5, 10, 30)  # periods below a minute (CloudWatch API reference, MetricStat)
MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Series:
    """One metric of a noun; ``period`` in seconds, ``title`` is the dashboard's."""

    noun: str
    title: str
    metric: Metric
    period: int
    points: tuple[Point, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "noun": self.noun,
            "title": self.title,
            "metric": self.metric.name,
            "statistic": self.metric.statistic,
            "period": self.period,
            "points": [{"time": p.time, "value": p.value} for p in self.points],
        }


def period_of(since: float, pace: float) -> int:
    """Return the seconds of a column: AWS sends a point a minute, a rehearsal one a minute / pace.

    Long spans have longer columns, so that there are at most ``COLUMNS``.
    """
    wanted = max(MINUTE / pace, since / COLUMNS)
    fine = next((each for each in FINE if each >= wanted), None)
    return fine or math.ceil(wanted / MINUTE) * MINUTE


def metrics(
    app: App, session: Session, *, since: float, names: Collection[str] = ()
) -> list[Series]:
    """Return every metric of the last ``since`` seconds, or those of the given nouns.

    Raises UserError where nothing is deployed.
    """
    attributes = Roots(session, app.app, lambda _: None).attributes()
    if not attributes:
        raise none_serves(app)
    wanted = [row for row in of_app(app, attributes) if not names or row[0] in names]
    period = period_of(since, session.target.pace)
    end = datetime.now(UTC)
    found = watch.values(
        session,
        [metric for _, _, metric in wanted],
        start=end - timedelta(seconds=since),
        end=end,
        period=period,
    )
    return [
        Series(noun=noun, title=title, metric=metric, period=period, points=tuple(points))
        for (noun, title, metric), points in zip(wanted, found, strict=True)
    ]


def nouns(app: App) -> list[str]:
    """Return the nouns that have metrics."""
    return [name for kind in KINDS if kind.graphs for name in kind.names(app)]


def of_app(app: App, attributes: Attributes) -> Iterator[tuple[str, str, Metric]]:
    """Yield noun, title and metric of every graph of what is deployed."""
    context = Context(app)
    for kind in KINDS:
        for name in kind.names(app) if kind.graphs else ():
            graphs = kind.graphs(context, name) if kind.graphs else []
            for title, rows in graphs:
                for row in rows:
                    if metric := _metric(row, attributes):
                        yield name, title, metric


def _metric(row: list[Any], attributes: Attributes) -> Metric | None:
    """Read a row as CloudWatch's dashboards have it: namespace, metric, dimensions, options.

    None where the thing that has the metric is not deployed.
    """
    space, name, *rest = row
    options = rest.pop() if rest and isinstance(rest[-1], dict) else {}
    values = [resolved(word, attributes) for word in rest]
    if not all(values):
        return None
    pairs = tuple(zip(values[::2], values[1::2], strict=True))
    statistic = str(options.get("stat", "Average"))
    return Metric(namespace=space, name=name, dimensions=pairs, statistic=statistic)
