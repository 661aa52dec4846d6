"""``seatrial metrics``."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from seatrial.cli.graph import graph
from seatrial.cli.options import (
    context_and_names,
    environment_and_names,
    refuse_unknown,
    seconds_of,
)
from seatrial.cli.style import style

if TYPE_CHECKING:
    from seatrial.ops.metrics import Series

NAME_WIDTH = 34


@click.command()
@environment_and_names("[ENV] [NAME]...")
@click.option(
    "--since",
    default="1 h",
    show_default=True,
    metavar="TIME",
    help="How far back: `10 min`, `2 h`, `7 d`.",
)
def command(
    where: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    since: str,
) -> None:
    """Print CPU, memory, requests, latency, connections: a small graph for each metric.

    What the dashboard shows, of everything or of the given nouns.
    """
    from seatrial.cloud.session import Session
    from seatrial.ops.metrics import metrics, nouns

    context, names = context_and_names(file, env, where, rehearsal=rehearsal)
    refuse_unknown(
        names,
        nouns(context.app),
        code="usage-metrics",
        message="there are no metrics of",
        fix="Services, databases, caches, queues and tables have metrics.",
    )
    seconds = seconds_of(since)
    found = metrics(context.app, Session(context.target), since=seconds, names=names)
    if as_json:
        click.echo(json.dumps({"metrics": [series.as_json() for series in found]}, indent=2))
        return
    click.echo("\n".join(lines(found, seconds, now=time.time())))


def lines(found: list[Series], seconds: float, *, now: float) -> list[str]:
    """Return a heading for each graph of the dashboard, and a line for each of its metrics."""
    shown, title = list[str](), ""
    for series in found:
        if series.title != title:
            title = series.title
            shown.append(style(title, bold=True))
        shown.append(_line(series, seconds, now))
    return shown


def _line(series: Series, seconds: float, now: float) -> str:
    width = max(int(seconds / series.period), 1)
    points = [(point.time, point.value) for point in series.points]
    name = f"{series.metric.name} ({series.metric.statistic.lower()})"
    drawn = graph(points, end=now, period=series.period, width=width)
    if not points:
        return f"  {name:<{NAME_WIDTH}} no data"
    values = [value for _, value in points]
    return (
        f"  {name:<{NAME_WIDTH}} {drawn}  last {_number(values[-1])}, most {_number(max(values))}"
    )


def _number(value: float) -> str:
    """Return a number with three figures: `1,234`, `12.3`, `0.0123`."""
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.3g}"
