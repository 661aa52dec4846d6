"""``seatrial trial``."""

from __future__ import annotations

import sys

import click

from seatrial.cli.options import (
    app_path,
    env_option,
    file_option,
    json_option,
    pace_options,
    provider_option,
    refuse_unknown_faults,
)


@click.command()
@file_option
@env_option
@json_option
@click.option(
    "--steps",
    metavar="NAMES",
    default="",
    help="Run only these steps (comma-separated); see --list.",
)
@click.option(
    "--inject",
    "faults",
    multiple=True,
    metavar="FAULT",
    help="Add a step that injects this fault; repeatable.",
)
@pace_options
@provider_option
@click.option("--html", metavar="FILE", help="Write the report as one HTML page.")
@click.option("--junit", metavar="FILE", help="Write the report as JUnit XML.")
@click.option("--list", "listed", is_flag=True, help="List the steps, then stop.")
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
    """Test the deployment: deploy, break, roll back, restore and destroy, each step asserted.

    Uses an emulator of its own; a running rehearsal is not touched. Exits with 1 if a step failed.
    """
    from seatrial.cli import trial_runner
    from seatrial.trial.runner import TrialOptions

    if listed:
        trial_runner.list_steps()
        return
    refuse_unknown_faults(faults)
    options = TrialOptions(
        path=app_path(file),
        environment=env or "dev",
        steps=trial_runner.step_names(steps),
        faults=faults,
        pace=1.0 if real_time else pace,
    )
    output = trial_runner.ReportOptions(html=html, junit=junit, as_json=as_json)
    sys.exit(trial_runner.run(options, output))
