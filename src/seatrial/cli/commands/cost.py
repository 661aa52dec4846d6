"""``seatrial cost``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli import pictures
from seatrial.cli.options import (
    CommandContext,
    app_path,
    command_context,
    env_option,
    file_option,
    json_option,
    refuse_unknown,
)
from seatrial.cli.style import style
from seatrial.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seatrial.cost.case import Traffic
    from seatrial.ops.cost import CostReport
    from seatrial.ops.spending import SpendingReport

BAR_WIDTH = 24  # characters of the longest bar


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@file_option
@env_option
@json_option
@click.option(
    "--assume",
    "assumptions",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Change an assumption about a month of use; the output lists them.",
)
@click.option("--out", metavar="FILE.svg", help="Also write the totals as a picture.")
@click.option(
    "--actual",
    is_flag=True,
    help="Show what was paid, from Cost Explorer (the query costs one cent).",
)
@click.option(
    "--days", default=30, type=click.IntRange(1, 365), help="With --actual: the number of days."
)
@click.option(
    "--rehearsal",
    is_flag=True,
    help="With --actual: use the running rehearsal of ENV instead of AWS.",
)
@click.option(
    "--refresh", is_flag=True, help="First read today's prices from AWS's Price List API."
)
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    as_json: bool,
    assumptions: tuple[str, ...],
    out: str | None,
    actual: bool,
    days: int,
    rehearsal: bool,
    refresh: bool,
) -> None:
    """Estimate a month's cost, line by line, with advice on what would be cheaper.

    Uses built-in list prices in US dollars, before tax, credits and discounts, each with its
    source. Needs no AWS account.
    """
    from seatrial.appfile import load
    from seatrial.ops.cost import cost
    from seatrial.ops.prices import saved

    if refresh:
        _refresh(command_context(file, environment or env, rehearsal=rehearsal))
    if actual:
        _actual(
            command_context(file, environment or env, rehearsal=rehearsal), days, as_json=as_json
        )
        return
    found = load.read(app_path(file))
    app = load.app_for(found, environment or env or load.BASE)
    report = cost(app, traffic_from(assumptions), saved(found.folder).get(app.region))
    where = f"{app.app} ({app.environment}), {app.region}"
    if out:
        total = f"total: {report.estimate.monthly:,.2f} US dollars a month"
        picture = pictures.bars(where, sums(report), total)
        Path(out).write_text(picture, encoding="utf-8")
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else text(report, where))


def _refresh(context: CommandContext) -> None:

    from seatrial.ops.prices import refresh

    today = datetime.now(UTC).date()
    found, missing = refresh(context.app, context.target, context.file.folder, today)
    click.echo(f"updated {len(found)} prices of databases and caches ({today})", err=True)
    for key in missing:
        click.echo(f"AWS has no single price for {key}: keeping the older one", err=True)


def _actual(context: CommandContext, days: int, *, as_json: bool) -> None:

    from seatrial.ops.spending import spent

    report = spent(context.app, context.target, days, datetime.now(UTC).date())
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else paid(report))


def paid(report: SpendingReport) -> str:
    """Return what was paid as text: by service, then by day."""
    most = max([*report.services.values(), *report.days.values(), 0.01])
    rows = []
    for title, part in (("by service", report.services), ("by day", report.days)):
        rows += ["", style(title, bold=True)]
        rows += [
            f"  {n:<44}{a:>9.2f}  {'█' * round(BAR_WIDTH * a / most)}" for n, a in part.items()
        ]
    sums = f"paid {report.total:.2f} US dollars in {len(report.days)} days"
    rows += ["", f"{sums}; the estimate for this time is {report.estimated:.2f}"]
    if not report.total:
        rows.append(
            "Cost Explorer has no cost with this app's tag. Activate `seatrial:app` as a cost "
            "allocation tag in the billing console; it takes effect the next day."
        )
    return "\n".join(rows[1:])


def sums(report: CostReport) -> dict[str, float]:
    """Return the month's total of each noun."""
    found: dict[str, float] = {}
    for line in report.estimate.lines:
        found[line.noun] = round(found.get(line.noun, 0.0) + line.monthly, 2)
    return found


def traffic_from(assumptions: tuple[str, ...]) -> Traffic:
    """Return the defaults with some assumptions changed (``name=number``); raises UsageError."""
    from seatrial.cost.case import Traffic
    from seatrial.cost.rules import ASSUMPTIONS

    pairs = [
        (name.strip(), number.strip())
        for name, _, number in (text.partition("=") for text in assumptions)
    ]
    refuse_unknown(
        [name for name, _ in pairs],
        ASSUMPTIONS,
        code="usage-assume",
        message="unknown assumption",
        fix="`seatrial cost` lists them.",
    )
    bad = [f"{n}={v}" for n, v in pairs if not v.replace(".", "", 1).isdigit()]
    if bad:
        fix = "Write it as `--assume requests=2.5`."
        raise UsageError(*(Problem("usage-assume", f"`{b}` is not a number", fix) for b in bad))
    return Traffic(**{name: float(number) for name, number in pairs})


def text(report: CostReport, where: str) -> str:
    """Return an estimate as text: by noun with a bar, then advice and assumptions."""
    found = report.estimate
    rows = [f"{where}: a month of 730 h, US dollars", ""]
    by_noun = sums(report)
    longest = max(by_noun.values(), default=0.0) or 1.0
    for noun, amount in sorted(by_noun.items(), key=lambda item: -item[1]):
        bar = "█" * round(BAR_WIDTH * amount / longest)
        rows.append(f"{style(f'{noun:<34}', bold=True)}{amount:>9.2f}  {bar}")
        for line in (line for line in found.lines if line.noun == noun and line.monthly):
            how = f"{line.quantity:,.10g} {line.unit} x {line.price:g}"
            doubt = "" if line.status == "exact" else f"  ({line.status})"
            rows.append(f"  {line.item:<32}{line.monthly:>9.2f}  {how}{doubt}")
    grown = (
        f"  ({found.high:.2f} if everything that can grow has grown)"
        if found.high > found.monthly
        else ""
    )
    rows += ["", style(f"{'total':<34}{found.monthly:>9.2f}", bold=True) + grown]
    rows += _unknown(report) + _advice(report) + _assumptions(found.assumed, found.dated)
    return "\n".join(rows)


def _unknown(report: CostReport) -> list[str]:
    missing = [x for x in report.estimate.lines if x.status == "no price known"]
    return [
        style(f"  no price known for {x.noun}: {x.item}; it is not included", fg="yellow")
        for x in missing
    ]


def _advice(report: CostReport) -> list[str]:
    rows = [f"  {row.saves:>9.2f}  {row.what}; trade-off: {row.price}" for row in report.advice]
    return ["", "cheaper by (each on its own):", *rows] if rows else []


def _assumptions(assumed: Mapping[str, float], dated: str) -> list[str]:
    from seatrial.cost.rules import ASSUMPTIONS

    rows = [f"  {name}={value:g}  {ASSUMPTIONS[name].words}" for name, value in assumed.items()]
    head = "assumptions for a month (change with `--assume NAME=NUMBER`):"
    tail = f"List prices of {dated}, before tax, credits and discounts; `--json` names the sources."
    return ["", head, *rows, "", tail]
