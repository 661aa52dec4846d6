"""``seatrial logs``."""

from __future__ import annotations

import json
import re

import click

from seatrial.cli.options import (
    context_and_names,
    env_option,
    file_option,
    json_option,
    rehearsal_option,
    seconds_of,
)
from seatrial.cli.output import EventPrinter, plain
from seatrial.errors import Problem, UsageError
from seatrial.events import Event, LogLine

LEVELS = ("debug", "info", "warning", "error", "critical")  # ops.logs has what they mean


@click.command()
@click.argument("names", metavar="[ENV] [NAME]...", nargs=-1)
@file_option
@env_option
@rehearsal_option
@click.option("--follow", is_flag=True, help="Print new lines as they come, until Ctrl-C.")
@click.option(
    "--since",
    default="1 h",
    show_default=True,
    metavar="TIME",
    help="How far back: `30 s`, `5 min`, `2 h`.",
)
@click.option("--filter", "pattern", default="", metavar="PATTERN", help="Lines with a match only.")
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    help="Lines of this level or a higher one; a traceback belongs to the line before it.",
)
@click.option(
    "--health-checks", is_flag=True, help="Print the access log of good health checks too."
)
@json_option
def command(
    names: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    follow: bool,
    since: str,
    pattern: str,
    level: str | None,
    health_checks: bool,
    as_json: bool,
) -> None:
    """Print the output of all services and jobs, or of those and the databases named.

    PATTERN is a regular expression. A database's log is what it exports to CloudWatch.
    """
    from seatrial.ops.logs import Wanted, logs

    context, chosen = context_and_names(file, env, names, rehearsal=rehearsal)
    wanted = Wanted(
        names=tuple(chosen),
        since=seconds_of(since),
        pattern=_pattern(pattern),
        level=level or "",
        health_checks=health_checks,
    )
    found: list[dict[str, object]] = []

    def print_json(event: Event) -> None:
        if isinstance(event, LogLine):
            row = {
                "service": event.service,
                "task": event.task,
                "time": event.time,
                "text": plain(event.text),
            }
            if follow:
                click.echo(json.dumps(row))
            found.append(row)

    logs(
        context.app,
        context.target,
        wanted,
        print_json if as_json else EventPrinter(),
        lambda: follow,
    )
    if as_json and not follow:
        click.echo(json.dumps({"lines": found}, indent=2))


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        fix = "Write a regular expression of Python's, or escape its special characters with `\\`."
        raise UsageError(
            Problem("usage-pattern", f"`{text}` is no regular expression: {error}", fix)
        ) from error
