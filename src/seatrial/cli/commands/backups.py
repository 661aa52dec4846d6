"""``seatrial backups``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import command_context, environment_options
from seatrial.cli.output import table


@click.command()
@environment_options
def command(
    environment: str | None, file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """List the backups of every database, newest first."""
    from seatrial.ops.backup import backups

    context = command_context(file, environment or env, rehearsal=rehearsal)
    found = backups(context.app, context.target)
    if as_json:
        click.echo(json.dumps({"backups": [b.as_json() for b in found]}, indent=2))
    else:
        rows = [(b.noun, b.name, b.at, f"{b.size} GB", b.kind, b.status) for b in found]
        click.echo(table([("database", "backup", "taken", "size", "kind", "state"), *rows]))
