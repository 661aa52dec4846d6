"""``seatrial restart``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import parted, placed_with


@click.command()
@placed_with("[ENV] [SERVICE]...")
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Replace the tasks of services by new ones of the same release; of all, where none is named.

    Old tasks serve until new ones are healthy.
    """
    from seatrial.cli.output import Drawer
    from seatrial.ops.scale import restart

    here, names = parted(file, env, where, rehearsal=rehearsal)
    report = restart(here.app, here.target, names, Drawer(quiet=as_json))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"restarted: {', '.join(report.services)}")
