"""``seatrial pause``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import command_context, environment_options
from seatrial.cli.output import EventPrinter
from seatrial.errors import Problem, UsageError

if TYPE_CHECKING:
    from seatrial.cli.options import CommandContext
    from seatrial.ops.pause import Savings


@click.command()
@environment_options
@click.option(
    "--yes", is_flag=True, help="Do not ask for confirmation; required without a terminal."
)
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    yes: bool,
) -> None:
    """End every task and stop every database; data, network and addresses stay.

    AWS starts a stopped database again after seven days: a schedule stops it again. `seatrial
    resume` starts everything, and so does the next deploy or rollback.
    """
    from seatrial.ops.pause import pause, savings

    context = command_context(file, environment or env, rehearsal=rehearsal)
    if not (yes or context.in_rehearsal):
        _confirm(context, savings(context.app))
    report = pause(context.app, context.target, EventPrinter(quiet=as_json))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
        return
    click.echo(f"paused: {', '.join(report.names)}")
    click.echo(
        f"a whole month like this costs ${report.saves:.2f} less; ${report.left:.2f} remain for "
        "storage, network and load balancer"
    )


def _confirm(context: CommandContext, found: Savings) -> None:
    name = context.app.environment
    if not sys.stdin.isatty():
        raise UsageError(
            Problem(
                "pause-confirm",
                f"pausing {name} makes it answer 503, and there is no terminal to confirm it",
                "Pass `--yes`.",
            )
        )
    click.confirm(
        f"pause {name}? It answers 503 until it is resumed; a month saves ${found.saves:.2f}",
        abort=True,
        err=True,
    )
