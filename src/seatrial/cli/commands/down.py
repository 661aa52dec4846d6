"""``seatrial down``."""

from __future__ import annotations

import click

from seatrial.cli.options import app_path, env_option, file_option


@click.command()
@file_option
@env_option
def command(file: str | None, env: str | None) -> None:
    """End this project's rehearsals; rows, objects and secret values stay for the next."""
    from seatrial.rehearsal import session

    project = app_path(file).parent
    names = (
        [env] if env else sorted(p.name for p in (project / ".seatrial").glob("*") if p.is_dir())
    )
    ended = False
    for name in names:
        if running := session.find(project, name):
            session.stop(running)
            click.echo(_message(name))
            ended = True
        elif why := session.unexpected_end(session.folder_of(project, name), forget=True):
            click.echo(f"the rehearsal of {name} had ended by itself: {why}")
            ended = True
    if not ended:
        click.echo("no rehearsal of this project is running")


def _message(name: str) -> str:
    if name == "practice":
        return "practice account ended; everything in it is deleted"
    return f"rehearsal of {name} ended; the next `seatrial up` uses its data again"
