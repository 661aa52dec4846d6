"""``seatrial logs``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import (
    command_context,
    env_option,
    file_option,
    json_option,
    rehearsal_option,
)
from seatrial.cli.output import EventPrinter, plain
from seatrial.errors import Problem, UsageError
from seatrial.events import Event, LogLine


@click.command()
@click.argument("service", required=False)
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
@click.option(
    "--health-checks", is_flag=True, help="Print the access log of good health checks too."
)
@json_option
def command(
    service: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    follow: bool,
    since: str,
    health_checks: bool,
    as_json: bool,
) -> None:
    """Print the output of all services and jobs, or of one service."""
    from seatrial.ops.logs import logs

    context = command_context(file, env, rehearsal=rehearsal)
    seconds = _seconds(since)
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
        names=[service] if service else [],
        since=seconds,
        emit=print_json if as_json else EventPrinter(),
        go_on=lambda: follow,
        health_checks=health_checks,
    )
    if as_json and not follow:
        click.echo(json.dumps({"lines": found}, indent=2))


def _seconds(text: str) -> float:
    from pydantic_core import PydanticCustomError

    from seatrial.model.units import duration

    try:
        return float(duration(text))
    except PydanticCustomError as error:
        raise UsageError(
            Problem(
                "usage-time", f"`{text}` is not a duration", "Write it as `30 s`, `5 min` or `2 h`."
            )
        ) from error
