"""``seatrial restore``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import placed_with


@click.command()
@placed_with("[ENV] [DATABASE]")
@click.option("--backup", "backup", metavar="NAME", help="The backup; else the newest.")
@click.option("--switch", is_flag=True, help="Let the restored database serve as well.")
def command(
    where: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    backup: str | None,
    switch: bool,
) -> None:
    """Restore a database beside the one that serves; nothing is overwritten.

    With --switch the two exchange their names, the password is rotated and the users of the
    database are started anew; what served before stays beside.
    """
    from seatrial.cli.draw import Drawer
    from seatrial.cli.options import database, parted
    from seatrial.ops.restore import restore

    here, rest = parted(file, env, where, rehearsal=rehearsal)
    noun = database(here.app, rest)
    drawer = Drawer(quiet=as_json)
    report = restore(here.app, here.target, noun, backup, drawer, switch=switch)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    elif switch:
        click.echo(f"{noun} serves {report.backup}; the data from before is in {report.beside}")
    else:
        click.echo(f"{report.beside} holds {report.backup}; {noun} serves as before")
