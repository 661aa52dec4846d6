"""``seatrial practice``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import app_path, file_option, json_option, paced


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@file_option
@json_option
@click.option("--detach", is_flag=True, help="Go on in the background; `seatrial down` ends it.")
@paced
def command(
    environment: str | None,
    file: str | None,
    as_json: bool,
    detach: bool,
    pace: float,
    real_time: bool,
) -> None:
    """Start an empty account here that speaks AWS's API, and print how to reach it.

    With the variables that it prints, every command with ENV acts on it as on AWS. It has ENV's
    account number and region, and ends with everything in it.
    """
    from seatrial.cli import practice_runner

    path = app_path(file)
    asked = practice_runner.Asked(path, environment or "", 1.0 if real_time else pace)
    running = practice_runner.find(path)
    if running is None and detach:
        running = practice_runner.in_background(asked)
    elif running is None:
        practice_runner.in_foreground(asked, as_json=as_json)
        return
    variables = practice_runner.variables(running)
    click.echo(json.dumps(variables) if as_json else practice_runner.exports(variables))
