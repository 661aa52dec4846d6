"""``seatrial rollback``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import placed_with, provider_option, words


@click.command()
@placed_with("[ENV] [N]")
@provider_option
@click.option(
    "--despite-migrations", "despite", is_flag=True, help="The database fits the earlier code."
)
def command(
    where: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    despite: bool,
) -> None:
    """Let an earlier release serve again: release N, or the one before.

    Code, routes and configuration go back together. Data does not: a migration stays, and one that
    the earlier code cannot bear is a reason to refuse.
    """
    from seatrial.cli.options import scene
    from seatrial.cli.output import Drawer
    from seatrial.ops import expected
    from seatrial.ops.rollback import rollback

    numbers, names = words(where)
    here = scene(file, names[0] if names else env, rehearsal=rehearsal)
    number = int(numbers[0]) if numbers else None
    drawer = Drawer(quiet=as_json, expected=expected.release(here.app))
    report = rollback(here.app, here.target, number, drawer, despite=despite)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"release {report.release} serves")
