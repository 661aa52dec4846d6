"""``seatrial secret``."""

from __future__ import annotations

import sys

import click

from seatrial.cli.options import app_path, file_option


@click.group()
def command() -> None:
    """Set the values of secrets; a value is never an argument."""


@command.command("set")
@click.argument("name")
@file_option
def set_(name: str, file: str | None) -> None:
    """Set a secret's value for rehearsals, read from standard input (or a hidden prompt)."""
    from seatrial.appfile import load
    from seatrial.errors import Problem, UsageError
    from seatrial.model.rules.finding import nearest
    from seatrial.rehearsal import values

    found = load.read(app_path(file))
    app = load.app_for(found, load.BASE)
    if name not in app.secrets:
        raise UsageError(
            Problem(
                "usage-secret",
                f"there is no secret `{name}`",
                nearest(name, app.secrets, "Add it to `secrets`."),
            )
        )
    text = (
        click.prompt(name, hide_input=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.read().rstrip("\n")
    )
    values.write(found.folder, name, text)
    click.echo(f"{name} is set for rehearsals; `seatrial up --fresh` starts with it")
