"""``seatrial backup``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import env_option, file_option, json_option, rehearsal_option


@click.command()
@click.argument("where", metavar="[ENV] [DATABASE]", nargs=-1)
@file_option
@env_option
@rehearsal_option
@json_option
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Take a backup of a database that stays until somebody deletes it."""
    from seatrial.cli.draw import Drawer
    from seatrial.cli.options import database, parted
    from seatrial.ops.backup import backup

    here, rest = parted(file, env, where, rehearsal=rehearsal)
    made = backup(here.app, here.target, database(here.app, rest), Drawer(quiet=as_json))
    if as_json:
        click.echo(json.dumps(made.as_json(), indent=2))
    else:
        click.echo(f"{made.name} can be restored")
