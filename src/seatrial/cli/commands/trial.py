"""``seatrial trial``."""

from __future__ import annotations

import sys

import click

from seatrial.cli.options import (
    app_path,
    env_option,
    faulty,
    file_option,
    json_option,
    paced,
    provider_option,
)


@click.command()
@file_option
@env_option
@json_option
@click.option(
    "--steps", metavar="NAMES", default="", help="Only these, with commas; `--list` names them."
)
@click.option(
    "--inject", "faults", multiple=True, metavar="FAULT", help="Play this failure as well."
)
@paced
@provider_option
@click.option("--html", metavar="FILE", help="Write the report as one page.")
@click.option("--junit", metavar="FILE", help="Write the report as JUnit XML.")
@click.option("--list", "listed", is_flag=True, help="List the steps, and end.")
def command(
    file: str | None,
    env: str | None,
    as_json: bool,
    steps: str,
    faults: tuple[str, ...],
    pace: float,
    real_time: bool,
    html: str | None,
    junit: str | None,
    listed: bool,
) -> None:
    """Rehearse the deployment itself, asserted and timed: every verb and failure in a row.

    Runs on an emulator of its own that ends with it; a rehearsal that runs is left alone. Exits
    with 1 where a step failed.
    """
    from seatrial.cli import trial_runner

    if listed:
        trial_runner.list_steps()
        return
    faulty(faults)
    asked = trial_runner.Asked(
        app_path(file),
        env or "dev",
        trial_runner.names(steps),
        faults,
        1.0 if real_time else pace,
        html,
        junit,
        as_json,
    )
    sys.exit(trial_runner.run(asked))
