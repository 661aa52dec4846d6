"""``seatrial backup``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import placed_with


@click.command()
@placed_with("[ENV] [DATABASE]")
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Take a backup of a database that stays until somebody deletes it."""
    from seatrial.cli.options import database, parted
    from seatrial.cli.output import Drawer
    from seatrial.ops.backup import backup

    here, rest = parted(file, env, where, rehearsal=rehearsal)
    made = backup(here.app, here.target, database(here.app, rest), Drawer(quiet=as_json))
    if as_json:
        click.echo(json.dumps(made.as_json(), indent=2))
    else:
        click.echo(f"{made.name} can be restored")
