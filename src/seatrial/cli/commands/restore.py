"""``seatrial restore``."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from seatrial.cli.options import (
    chosen_database,
    context_and_names,
    environment_and_names,
    provider_option,
)
from seatrial.cli.output import EventPrinter
from seatrial.errors import Problem, UsageError


@click.command()
@environment_and_names("[ENV] [DATABASE]")
@provider_option
@click.option("--backup", "backup", metavar="NAME", help="The backup. Default: the newest.")
@click.option(
    "--at", metavar="TIME", help="A time instead: `2026-11-20T21:55`, local, or UTC with `Z`."
)
@click.option("--switch", is_flag=True, help="Also put the restored database into use.")
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
    """Restore a database next to the one in use; nothing is overwritten.

    With --switch the two exchange names, the password is rotated and the services that use the
    database are restarted. The database used before stays next to it.
    """
    from seatrial.ops.restore import restore

    context, rest = context_and_names(file, env, where, rehearsal=rehearsal)
    noun = chosen_database(context.app, rest)
    printer = EventPrinter(quiet=as_json)
    wanted = _past_time(at) if at else backup
    report = restore(context.app, context.target, noun, wanted, printer, switch=switch)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    elif switch:
        click.echo(
            f"{noun} now has the data of {report.backup}; the previous data is in {report.beside}"
        )
    else:
        click.echo(f"restored {report.backup} to {report.beside}; {noun} is unchanged")


def _past_time(text: str) -> datetime:
    """Return a time in the past; local if it has no offset. Raises UsageError."""

    try:
        found = datetime.fromisoformat(text).astimezone()
    except ValueError:
        found = None
    if found is None or found > datetime.now(UTC):
        raise UsageError(
            Problem(
                "usage-moment",
                f"`{text}` is not a time in the past",
                "Write a past time as `2026-11-20T21:55`; add `Z` for UTC.",
            )
        )
    return found
