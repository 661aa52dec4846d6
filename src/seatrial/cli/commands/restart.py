"""``seatrial restart``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import context_and_names, environment_and_names
from seatrial.cli.output import EventPrinter


@click.command()
@environment_and_names("[ENV] [SERVICE]...")
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Replace the tasks of services; of all services if none is named.

    Same release; old tasks serve until the new ones are healthy.
    """
    from seatrial.ops.scale import restart

    context, names = context_and_names(file, env, where, rehearsal=rehearsal)
    report = restart(context.app, context.target, names, EventPrinter(quiet=as_json))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"restarted: {', '.join(report.services)}")
