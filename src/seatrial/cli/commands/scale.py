"""``seatrial scale``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import context_and_names, environment_and_names, split_numbers
from seatrial.cli.output import EventPrinter
from seatrial.errors import Problem, UsageError


@click.command()
@environment_and_names("[ENV] SERVICE N")
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Run at least N tasks of a service until the next deploy, which restores the app file's count.

    Autoscaling may start more, up to the app file's maximum.
    """
    from seatrial.ops.scale import scale

    context, rest = context_and_names(file, env, where, rehearsal=rehearsal)
    numbers, names = split_numbers(tuple(rest))
    if len(numbers) != 1 or len(names) != 1:
        raise UsageError(
            Problem(
                "usage-service",
                "name one service and one number",
                "Example: `seatrial scale ENV web 3`.",
            )
        )
    report = scale(
        context.app, context.target, names[0], int(numbers[0]), EventPrinter(quiet=as_json)
    )
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(
            f"{names[0]} runs {numbers[0]} tasks; the next deploy restores the app file's count"
        )
