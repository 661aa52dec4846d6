"""``seatrial up``."""

from __future__ import annotations

import click

from seatrial.cli.options import (
    app_path,
    engine_option,
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
@click.option("--detach", is_flag=True, help="Go on in the background; `seatrial down` ends it.")
@click.option("--fresh", is_flag=True, help="Forget rows, objects and secret values first.")
@paced
@click.option(
    "--inject",
    "faults",
    multiple=True,
    metavar="FAULT",
    help="Let a failure happen; `seatrial faults` lists them.",
)
@engine_option(words="`auto`: none; programs run as processes.")
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
    """Rehearse: deploy the app to an emulator here, run it, and follow changes."""
    from seatrial.cli import up_runner

    faulty(faults)
    pace = 1.0 if real_time else pace
    asked = up_runner.Asked(
        app_path(file), env or "dev", pace, faults, fresh=fresh, as_json=as_json, engine=engine
    )
    if detach:
        up_runner.in_background(asked)
    else:
        up_runner.in_foreground(asked, follower=follower)
