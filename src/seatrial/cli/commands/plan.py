"""``seatrial plan``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import placed, provider_option, scene
from seatrial.cli.output import Drawer

if TYPE_CHECKING:
    from seatrial.ops.plan import PlanReport

WORDS = (
    ("create", "+", "green"),
    ("change", "~", "yellow"),
    ("replace", "±", "red"),
    ("destroy", "-", "red"),
)


@click.command()
@placed
@provider_option
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
) -> None:
    """Show what a deploy would change; exits with 0 for nothing, 10 for changes."""
    from seatrial.cli import image_options
    from seatrial.ops.plan import plan

    here = scene(file, environment or env, rehearsal=rehearsal)
    drawer = Drawer(quiet=True)
    report = plan(
        here.app,
        here.target,
        image_options.options(here, drawer, lambda _: None, pushed=False),
        drawer,
    )
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else text(report))
    sys.exit(10 if report.changes else 0)


def text(report: PlanReport) -> str:
    """Return a plan as a person reads it: by noun, the dangerous things first and last."""
    if not report.changes:
        return "nothing would change"
    lines = []
    for noun in dict.fromkeys(c.noun for c in report.changes):
        own = [c for c in report.changes if c.noun == noun]
        place = f"  (line {own[0].line})" if own[0].line else ""
        lines.append(click.style(noun, bold=True) + place)
        for change in own:
            sign, colour = next((s, c) for a, s, c in WORDS if a == change.action)
            why = f"  because of {', '.join(change.because)}" if change.because else ""
            what = f"  {', '.join(change.attributes)}" if change.action == "change" else ""
            lost = click.style("  ITS DATA WOULD BE LOST", fg="red", bold=True)
            lines.append(
                click.style(f"  {sign} {change.action:<8}", fg=colour)
                + change.address
                + what
                + why
                + (lost if change.loses_data else "")
            )
    counts = ", ".join(f"{len(report.of(a))} to {a}" for a, _, _ in WORDS if report.of(a))  # type: ignore[arg-type]
    money = f"a month: {report.before:.2f} USD now, {report.after:.2f} afterwards (`seatrial cost`)"
    lines += [
        "",
        counts,
        money,
        *(f"your own Terraform: {line}" for line in report.own),
        *(click.style(f"RISK: {risk}", fg="red", bold=True) for risk in report.risks),
    ]
    return "\n".join(lines)
