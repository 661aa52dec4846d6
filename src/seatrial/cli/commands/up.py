"""``seatrial up``."""

from __future__ import annotations

import click

from seatrial.cli.options import (
    app_path,
    engine_option,
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
@click.option("--detach", is_flag=True, help="Run in the background; end with `seatrial down`.")
@click.option("--fresh", is_flag=True, help="Delete rows, objects and secret values first.")
@pace_options
@click.option(
    "--inject",
    "faults",
    multiple=True,
    metavar="FAULT",
    help="Inject a fault; `seatrial faults` lists them. Repeatable.",
)
@engine_option(auto="`auto`: none; programs run as processes.")
@provider_option
@click.option("--follower", is_flag=True, hidden=True)
def command(
    file: str | None,
    env: str | None,
    as_json: bool,
    detach: bool,
    fresh: bool,
    pace: float,
    real_time: bool,
    faults: tuple[str, ...],
    engine: str,
    follower: bool,
) -> None:
    """Rehearse: deploy the app to an AWS emulator on this machine, and redeploy on change."""
    from seatrial.cli import up_runner

    refuse_unknown_faults(faults)
    options = up_runner.UpOptions(
        path=app_path(file),
        env=env or "dev",
        pace=1.0 if real_time else pace,
        faults=faults,
        fresh=fresh,
        as_json=as_json,
        engine=engine,
    )
    if detach:
        up_runner.run_in_background(options)
    else:
        up_runner.run_in_foreground(options, follower=follower)
