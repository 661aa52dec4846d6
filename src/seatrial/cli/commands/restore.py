"""``seatrial restore``."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from seatrial.cli.options import placed_with, provider_option


@click.command()
@placed_with("[ENV] [DATABASE]")
@provider_option
@click.option("--backup", "backup", metavar="NAME", help="The backup; else the newest.")
@click.option("--at", metavar="TIME", help="A moment instead: `2026-11-20T21:55`, here or with Z.")
@click.option("--switch", is_flag=True, help="Let the restored database serve as well.")
def command(
    where: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    backup: str | None,
    at: str | None,
    switch: bool,
) -> None:
    """Restore a database beside the one that serves; nothing is overwritten.

    With --switch the two exchange their names, the password is rotated and the users of the
    database are started anew; what served before stays beside.
    """
    from seatrial.cli.options import database, parted
    from seatrial.cli.output import Drawer
    from seatrial.ops.restore import restore

    here, rest = parted(file, env, where, rehearsal=rehearsal)
    noun = database(here.app, rest)
    drawer = Drawer(quiet=as_json)
    wanted = _moment(at) if at else backup
    report = restore(here.app, here.target, noun, wanted, drawer, switch=switch)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    elif switch:
        click.echo(f"{noun} serves {report.backup}; the data from before is in {report.beside}")
    else:
        click.echo(f"{report.beside} holds {report.backup}; {noun} serves as before")


def _moment(text: str) -> datetime:
    """Return a time that lies behind us; without an offset it is this machine's. UsageError."""
    from seatrial.errors import Problem, UsageError

    try:
        found = datetime.fromisoformat(text).astimezone()
    except ValueError:
        found = None
    if found is None or found > datetime.now(UTC):
        raise UsageError(
            Problem(
                "usage-moment",
                f"`{text}` is no moment that lies behind us",
                "Write it as `2026-11-20T21:55`, or with seconds and `Z` for UTC.",
            )
        )
    return found
