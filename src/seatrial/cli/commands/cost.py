"""``seatrial cost``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import app_path, env_option, file_option, json_option

if TYPE_CHECKING:
    from seatrial.cost.traffic import Traffic
    from seatrial.ops.cost import CostReport

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
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    as_json: bool,
    given: tuple[str, ...],
) -> None:
    """Estimate a month, line by line, and name what would be cheaper; asks nobody.

    List prices in US dollars, before tax, credits and discounts; each with its source.
    """
    from seatrial.appfile import load
    from seatrial.ops.cost import cost

    found = load.read(app_path(file))
    app = load.app_for(found, environment or env or load.BASE)
    report = cost(app, assumed(given))
    where = f"{app.app} ({app.environment}), {app.region}"
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else text(report, where))


def assumed(given: tuple[str, ...]) -> Traffic:
    """Return the assumptions, those that were given in place; raises UsageError for all others."""
    from seatrial.cli.options import among
    from seatrial.cost.traffic import Traffic
    from seatrial.errors import Problem, UsageError

    pairs = [
        (name.strip(), number.strip()) for name, _, number in (g.partition("=") for g in given)
    ]
    said = ("usage-assume", "there is no assumption", "`seatrial cost` names them all.")
    among([name for name, _ in pairs], Traffic.words(), said)
    bad = [f"{n}={v}" for n, v in pairs if not v.replace(".", "", 1).isdigit()]
    if bad:
        fix = "Write it as `--assume requests=2.5`."
        raise UsageError(*(Problem("usage-assume", f"`{b}` has no number", fix) for b in bad))
    return Traffic(**{name: float(number) for name, number in pairs})


def text(report: CostReport, where: str) -> str:
    """Return an estimate as a person reads it: by noun with a bar, then what it rests on."""
    found = report.estimate
    rows = [f"{where}: a month of 730 h, US dollars", ""]
    sums = {line.noun: 0.0 for line in found.lines}
    for line in found.lines:
        sums[line.noun] += line.monthly
    longest = max(sums.values(), default=0.0) or 1.0
    for noun, amount in sorted(sums.items(), key=lambda item: -item[1]):
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
    rows += _unknown(report) + _advice(report) + _assumptions(found.traffic, found.dated)
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


def _assumptions(traffic: Traffic, dated: str) -> list[str]:
    words = traffic.words()
    rows = [f"  {name}={value:g}  {words[name]}" for name, value in traffic.as_json().items()]
    head = "assumed of a month (`--assume NAME=NUMBER`):"
    tail = (
        f"List prices of {dated}, before tax, credits, discounts; `--json` has each one's source."
    )
    return ["", head, *rows, "", tail]
