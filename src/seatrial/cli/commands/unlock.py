"""``seatrial unlock``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import context_and_names, environment_and_names
from seatrial.errors import Problem, UsageError


@click.command()
@environment_and_names("[ENV] ID")
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Release the lock of a killed command by its ID, which the refused command printed.

    Also releases Terraform's own locks. First make sure that no command is running: two at once
    can corrupt the state.
    """
    from seatrial.cloud.session import Session
    from seatrial.ops.release import lock

    context, ids = context_and_names(file, env, where, rehearsal=rehearsal)
    if len(ids) != 1:
        text = "no lock ID was given" if not ids else f"{len(ids)} lock IDs were given"
        raise UsageError(
            Problem("deploy-unlock", text, "Pass the one ID that the refused command printed.")
        )
    gone = lock.release(Session(context.target), context.app.app, ids[0])
    click.echo(json.dumps({"released": gone}) if as_json else "released: " + ", ".join(gone))
