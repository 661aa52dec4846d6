"""``seatrial plan``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from seatrial.cli import plan_markdown
from seatrial.cli.options import command_context, environment_options, provider_option
from seatrial.cli.output import EventPrinter
from seatrial.cli.style import style

if TYPE_CHECKING:
    from seatrial.ops.plan import PlanReport

ACTIONS = (
    ("create", "+", "green"),
    ("change", "~", "yellow"),
    ("replace", "±", "red"),
    ("destroy", "-", "red"),
)


@click.command()
@environment_options
@provider_option
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request's comment.")
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    *,
    markdown: bool,
) -> None:
    """Show what a deploy would change; exits with 10 if there are changes, else 0."""
    from seatrial.cli import image_options
    from seatrial.cloud.session import Session
    from seatrial.ops.pause import paused
    from seatrial.ops.plan import plan

    context = command_context(file, environment or env, rehearsal=rehearsal)
    printer = EventPrinter(quiet=True)
    report = plan(
        context.app,
        context.target,
        image_options.options(context, printer, lambda _: None, pushed=False),
        printer,
    )
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    elif markdown:
        click.echo(plan_markdown.markdown(report, context.app.environment))
    else:
        click.echo(text(report))
    if since := paused(Session(context.target), context.app.app):
        click.echo(f"{since}: a deploy starts it first", err=True)
    sys.exit(10 if report.changes else 0)


def text(report: PlanReport) -> str:
    """Return a plan as text: by noun, with what loses data marked, and risks last."""
    if not report.changes:
        return "nothing would change"
    lines = []
    for noun in dict.fromkeys(c.noun for c in report.changes):
        changes = [c for c in report.changes if c.noun == noun]
        place = f"  (line {changes[0].line})" if changes[0].line else ""
        lines.append(style(noun, bold=True) + place)
        for change in changes:
            sign, colour = next((s, c) for a, s, c in ACTIONS if a == change.action)
            reason = f"  because of {', '.join(change.because)}" if change.because else ""
            attributes = f"  {', '.join(change.attributes)}" if change.action == "change" else ""
            lost = style("  ITS DATA WOULD BE LOST", fg="red", bold=True)
            lines.append(
                style(f"  {sign} {change.action:<8}", fg=colour)
                + change.address
                + attributes
                + reason
                + (lost if change.loses_data else "")
            )
    counts = ", ".join(f"{len(report.of(a))} to {a}" for a, _, _ in ACTIONS if report.of(a))  # type: ignore[arg-type]
    money = f"cost: {report.before:.2f} USD a month now, {report.after:.2f} after (`seatrial cost`)"
    lines += [
        "",
        counts,
        money,
        *(f"your own Terraform: {line}" for line in report.own),
        *(style(f"RISK: {risk}", fg="red", bold=True) for risk in report.risks),
    ]
    return "\n".join(lines)
