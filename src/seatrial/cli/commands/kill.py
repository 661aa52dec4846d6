"""``seatrial kill``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import env_option, file_option, json_option, running_rehearsal
from seatrial.errors import Problem, UsageError, UserError


@click.command()
@click.argument("service", required=False)
@click.option("--databases", is_flag=True, help="Kill every database server.")
@click.option(
    "--api",
    type=click.FloatRange(min=0.1, max=600),
    metavar="SECONDS",
    help="Let every call of AWS's API fail for so long.",
)
@file_option
@env_option
@json_option
def command(
    service: str | None,
    databases: bool,
    api: float | None,
    file: str | None,
    env: str | None,
    as_json: bool,
) -> None:
    """Kill a task of SERVICE in the running rehearsal, its databases, or AWS's API for a while."""
    wanted = "/databases" if databases else "/api" if api else service
    if wanted is None:
        raise UsageError(
            Problem(
                "usage-kill",
                "nothing to kill was named",
                "Name a service, or use --databases or --api.",
            )
        )
    running = running_rehearsal(file, env)
    answer = running.call("kill", what=wanted, seconds=api or 0)
    if "error" in answer:
        fix = "`seatrial status` lists what runs."
        raise UserError.of("rehearsal-kill", str(answer["error"]).strip("'\""), fix)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        names = (name.rsplit("/", 1)[-1] for name in answer["killed"])
        click.echo(f"killed: {', '.join(names)}")
