"""``seatrial cost``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli import pictures
from seatrial.cli.options import (
    CommandContext,
    app_path,
    env_option,
    file_option,
    json_option,
    scene,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seatrial.cost.case import Traffic
    from seatrial.ops.cost import CostReport
    from seatrial.ops.spending import SpendingReport

BAR = 24  # characters of the longest bar


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@file_option
@env_option
@json_option
@click.option(
    "--assume",
    "given",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Another assumption about a month of use; the output names them all.",
)
@click.option("--out", metavar="FILE.svg", help="Write the sums as a picture too.")
@click.option("--actual", is_flag=True, help="What was really paid: asks Cost Explorer (a cent).")
@click.option("--days", default=30, type=click.IntRange(1, 365), help="So many days, with it.")
@click.option("--rehearsal", is_flag=True, help="With --actual: ENV means its rehearsal.")
@click.option("--refresh", is_flag=True, help="Ask AWS's Price List API for today's prices first.")
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    as_json: bool,
    given: tuple[str, ...],
    out: str | None,
    actual: bool,
    days: int,
    rehearsal: bool,
    refresh: bool,
) -> None:
    """Estimate a month, line by line, and name what would be cheaper; asks nobody.

    List prices in US dollars, before tax, credits and discounts; each with its source.
    """
    from seatrial.appfile import load
    from seatrial.ops.cost import cost
    from seatrial.ops.prices import kept

    if refresh:
        _refresh(scene(file, environment or env, rehearsal=rehearsal))
    if actual:
        _actual(scene(file, environment or env, rehearsal=rehearsal), days, as_json=as_json)
        return
    found = load.read(app_path(file))
    app = load.app_for(found, environment or env or load.BASE)
    report = cost(app, assumed(given), kept(found.folder).get(app.region))
    where = f"{app.app} ({app.environment}), {app.region}"
    if out:
        total = f"in all {report.estimate.monthly:,.2f} US dollars a month"
        picture = pictures.bars(where, sums(report), total)
        Path(out).write_text(picture, encoding="utf-8")
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else text(report, where))


def _refresh(here: CommandContext) -> None:
    from datetime import UTC, datetime

    from seatrial.ops.prices import refresh

    today = datetime.now(UTC).date()
    found, missing = refresh(here.app, here.target, here.file.folder, today)
    click.echo(f"{len(found)} prices of databases and caches are of {today}", err=True)
    for key in missing:
        click.echo(f"AWS told no single price for {key}: the older one stays", err=True)


def _actual(here: CommandContext, days: int, *, as_json: bool) -> None:
    from datetime import UTC, datetime

    from seatrial.ops.spending import spent

    report = spent(here.app, here.target, days, datetime.now(UTC).date())
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else paid(report))


def paid(report: SpendingReport) -> str:
    """Return what was paid as a person reads it: services, then days."""
    most = max([*report.services.values(), *report.days.values(), 0.01])
    rows = []
    for title, part in (("by service", report.services), ("by day", report.days)):
        rows += ["", click.style(title, bold=True)]
        rows += [f"  {n:<44}{a:>9.2f}  {'█' * round(BAR * a / most)}" for n, a in part.items()]
    sums = f"paid {report.total:.2f} US dollars in {len(report.days)} days"
    rows += ["", f"{sums}; the estimate for as long is {report.estimated:.2f}"]
    if not report.total:
        rows.append(
            "Cost Explorer knows of nothing with this app's tag. Activate `seatrial:app` as a cost "
            "allocation tag in the billing console; it counts from the day after."
        )
    return "\n".join(rows[1:])


def sums(report: CostReport) -> dict[str, float]:
    """Return the month's sum of each noun."""
    found: dict[str, float] = {}
    for line in report.estimate.lines:
        found[line.noun] = round(found.get(line.noun, 0.0) + line.monthly, 2)
    return found


def assumed(given: tuple[str, ...]) -> Traffic:
    """Return the assumptions, those that were given in place; raises UsageError for all others."""
    from seatrial.cli.options import among
    from seatrial.cost.case import Traffic
    from seatrial.cost.rules import ASSUMPTIONS
    from seatrial.errors import Problem, UsageError

    pairs = [
        (name.strip(), number.strip()) for name, _, number in (g.partition("=") for g in given)
    ]
    said = ("usage-assume", "there is no assumption", "`seatrial cost` names them all.")
    among([name for name, _ in pairs], ASSUMPTIONS, said)
    bad = [f"{n}={v}" for n, v in pairs if not v.replace(".", "", 1).isdigit()]
    if bad:
        fix = "Write it as `--assume requests=2.5`."
        raise UsageError(*(Problem("usage-assume", f"`{b}` has no number", fix) for b in bad))
    return Traffic(**{name: float(number) for name, number in pairs})


def text(report: CostReport, where: str) -> str:
    """Return an estimate as a person reads it: by noun with a bar, then what it rests on."""
    found = report.estimate
    rows = [f"{where}: a month of 730 h, US dollars", ""]
    by_noun = sums(report)
    longest = max(by_noun.values(), default=0.0) or 1.0
    for noun, amount in sorted(by_noun.items(), key=lambda item: -item[1]):
        bar = "█" * round(BAR * amount / longest)
        rows.append(f"{click.style(f'{noun:<34}', bold=True)}{amount:>9.2f}  {bar}")
        for line in (line for line in found.lines if line.noun == noun and line.monthly):
            how = f"{line.quantity:,.10g} {line.unit} x {line.price:g}"
            doubt = "" if line.status == "exact" else f"  ({line.status})"
            rows.append(f"  {line.item:<32}{line.monthly:>9.2f}  {how}{doubt}")
    grown = (
        f"  ({found.high:.2f} when all has grown that may)" if found.high > found.monthly else ""
    )
    rows += ["", click.style(f"{'in all':<34}{found.monthly:>9.2f}", bold=True) + grown]
    rows += _unknown(report) + _advice(report) + _assumptions(found.assumed, found.dated)
    return "\n".join(rows)


def _unknown(report: CostReport) -> list[str]:
    missing = [x for x in report.estimate.lines if x.status == "no price known"]
    return [
        click.style(f"  no price known for {x.noun}: {x.item}; it is not in the sum", fg="yellow")
        for x in missing
    ]


def _advice(report: CostReport) -> list[str]:
    rows = [f"  {row.saves:>9.2f}  {row.what}; its price: {row.price}" for row in report.advice]
    return ["", "cheaper by, each on its own:", *rows] if rows else []


def _assumptions(assumed: Mapping[str, float], dated: str) -> list[str]:
    from seatrial.cost.rules import ASSUMPTIONS

    rows = [f"  {name}={value:g}  {ASSUMPTIONS[name].words}" for name, value in assumed.items()]
    head = "assumed of a month (`--assume NAME=NUMBER`):"
    tail = (
        f"List prices of {dated}, before tax, credits, discounts; `--json` has each one's source."
    )
    return ["", head, *rows, "", tail]
