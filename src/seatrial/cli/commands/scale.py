"""``seatrial scale``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import parted, placed_with, words


@click.command()
@placed_with("[ENV] SERVICE N")
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Let a service run N tasks at least, until the next deploy goes back to the app file's count.

    Autoscaling may start more, up to the app file's most.
    """
    from seatrial.cli.output import Drawer
    from seatrial.errors import Problem, UsageError
    from seatrial.ops.scale import scale

    here, rest = parted(file, env, where, rehearsal=rehearsal)
    numbers, names = words(tuple(rest))
    if len(numbers) != 1 or len(names) != 1:
        raise UsageError(
            Problem("usage-service", "scale which service to what?", "`seatrial scale ENV web 3`.")
        )
    report = scale(here.app, here.target, names[0], int(numbers[0]), Drawer(quiet=as_json))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(
            f"{names[0]} runs {numbers[0]}; the next deploy goes back to the app file's count"
        )
