"""``seatrial inject``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import (
    env_option,
    file_option,
    json_option,
    refuse_unknown_faults,
    running_rehearsal,
)


@click.command()
@click.argument("faults", metavar="[FAULT]...", nargs=-1)
@click.option("--clear", is_flag=True, help="End every fault first.")
@file_option
@env_option
@json_option
def command(
    faults: tuple[str, ...], clear: bool, file: str | None, env: str | None, as_json: bool
) -> None:
    """Inject faults into the running rehearsal, until `seatrial inject --clear`.

    `seatrial faults` lists them. A fault of a release holds for tasks that start from now on.
    """
    refuse_unknown_faults(faults)
    running = running_rehearsal(file, env)
    answer = running.call("clear") if clear or not faults else {}
    for fault in faults:
        answer = running.call("inject", fault=fault)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        click.echo(f"injected: {', '.join(answer['active']) or 'nothing'}")
