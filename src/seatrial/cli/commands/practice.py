"""``seatrial practice``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import app_path, file_option, json_option, pace_options


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@file_option
@json_option
@click.option("--detach", is_flag=True, help="Run in the background; end with `seatrial down`.")
@pace_options
def command(
    environment: str | None,
    file: str | None,
    as_json: bool,
    detach: bool,
    pace: float,
    real_time: bool,
) -> None:
    """Start an empty local account behind AWS's API, and print the variables to use it.

    With these variables set, every command with ENV uses it as it uses AWS. It has ENV's account
    number and region. Everything in it is deleted when it ends.
    """
    from seatrial.cli import practice_runner

    path = app_path(file)
    options = practice_runner.PracticeOptions(
        path=path, environment=environment or "", pace=1.0 if real_time else pace
    )
    running = practice_runner.find(path)
    if running is None and detach:
        running = practice_runner.run_in_background(options)
    elif running is None:
        practice_runner.run_in_foreground(options, as_json=as_json)
        return
    variables = practice_runner.variables(running)
    click.echo(json.dumps(variables) if as_json else practice_runner.exports(variables))
