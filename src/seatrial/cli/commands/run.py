"""``seatrial run``."""

from __future__ import annotations

import json
import sys

import click

from seatrial.cli.options import (
    command_context,
    env_option,
    file_option,
    json_option,
    rehearsal_option,
)
from seatrial.cli.output import plain
from seatrial.events import Event, LogLine


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("service")
@click.argument("words", metavar="-- COMMAND...", nargs=-1, required=True)
@file_option
@env_option
@rehearsal_option
@json_option
def command(
    service: str,
    words: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
) -> None:
    """Run a command once, in a task of its own; exits with its exit code.

    The task has the image, roles, network and variables of SERVICE as it serves now.
    """
    from seatrial.cloud.session import Session
    from seatrial.ops.run import run

    context = command_context(file, env, rehearsal=rehearsal)
    lines: list[str] = []

    def show(event: Event) -> None:
        if isinstance(event, LogLine):
            lines.append(plain(event.text))
            if not as_json:
                click.echo(lines[-1])

    report = run(context.app, Session(context.target), service, list(words), show)
    if as_json:
        click.echo(json.dumps({**report.as_json(), "lines": lines}, indent=2))
    elif report.exit_code:
        click.echo(f"{service}: exit code {report.exit_code}", err=True)
    elif report.exit_code is None:
        click.echo(f"{service}: {report.reason}", err=True)
    sys.exit(1 if report.exit_code is None else report.exit_code)
