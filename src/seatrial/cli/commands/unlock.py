"""``seatrial unlock``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import parted, placed_with


@click.command()
@placed_with("[ENV] ID")
def command(
    where: tuple[str, ...], file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """Release the lock ID of a command that was killed; the refusal names it.

    Terraform's own locks go with it. Be sure that nobody works: two at once destroy a state.
    """
    from seatrial.cloud.session import Session
    from seatrial.errors import Problem, UsageError
    from seatrial.ops.release import lock

    here, words = parted(file, env, where, rehearsal=rehearsal)
    if len(words) != 1:
        text = "which lock?" if not words else f"one lock at a time, not {len(words)}"
        raise UsageError(Problem("deploy-unlock", text, "Name the ID that the refusal printed."))
    gone = lock.release(Session(here.target), here.app.app, words[0])
    click.echo(json.dumps({"released": gone}) if as_json else "released: " + ", ".join(gone))
