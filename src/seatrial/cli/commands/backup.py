"""``seatrial backup``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import chosen_database, context_and_names, environment_and_names
from seatrial.cli.output import EventPrinter


@click.command()
@environment_and_names("[ENV] [DATABASE]")
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Take a backup of a database. It is kept until you delete it."""
    from seatrial.ops.backup import backup

    context, rest = context_and_names(file, env, where, rehearsal=rehearsal)
    made = backup(
        context.app, context.target, chosen_database(context.app, rest), EventPrinter(quiet=as_json)
    )
    if as_json:
        click.echo(json.dumps(made.as_json(), indent=2))
    else:
        click.echo(f"backup {made.name} is available")
