"""``seatrial rollback``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import (
    command_context,
    environment_and_names,
    provider_option,
    split_numbers,
)
from seatrial.cli.output import EventPrinter


@click.command()
@environment_and_names("[ENV] [N]")
@provider_option
@click.option(
    "--despite-migrations", "despite", is_flag=True, help="Roll back although migrations ran since."
)
def command(
    where: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    despite: bool,
) -> None:
    """Go back to an earlier release: release N, or the previous one.

    Code, routes and configuration go back together. Data does not: migrations stay. Refused if a
    later migration removed what the earlier code needs.
    """
    from seatrial.ops import expected_times
    from seatrial.ops.rollback import rollback

    numbers, names = split_numbers(where)
    context = command_context(file, names[0] if names else env, rehearsal=rehearsal)
    number = int(numbers[0]) if numbers else None
    printer = EventPrinter(quiet=as_json, expected=expected_times.release(context.app))
    report = rollback(context.app, context.target, number, printer, despite=despite)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"release {report.release} serves")
