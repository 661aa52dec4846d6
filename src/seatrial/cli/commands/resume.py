"""``seatrial resume``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import command_context, environment_options
from seatrial.cli.output import EventPrinter


@click.command()
@environment_options
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
) -> None:
    """Start what is paused: databases first, then services; waits until they are healthy."""
    from seatrial.ops.pause import resume

    context = command_context(file, environment or env, rehearsal=rehearsal)
    report = resume(context.app, context.target, EventPrinter(quiet=as_json))
    started = ", ".join(report.names)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"resumed: {started}" if started else "nothing was paused")
