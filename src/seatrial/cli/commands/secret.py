"""``seatrial secret``."""

from __future__ import annotations

import json
import sys

import click

from seatrial.cli.options import (
    app_path,
    env_option,
    file_option,
    json_option,
    rehearsal_option,
)


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


@command.command("rotate")
@click.argument("noun")
@file_option
@env_option
@rehearsal_option
@json_option
def rotate_(noun: str, file: str | None, env: str | None, rehearsal: bool, as_json: bool) -> None:
    """Give a secret or a database's password a new value, and start its users anew.

    What is generated is generated; the value of another secret is read from standard input.
    """
    from seatrial.cli.draw import Drawer
    from seatrial.cli.options import scene
    from seatrial.ops.rotate import rotate

    here = scene(file, env, rehearsal=rehearsal)
    secret = here.app.secrets.get(noun)
    given = sys.stdin.read().rstrip("\n") if secret and not secret.generate else None
    report = rotate(here.app, here.target, noun, given or None, Drawer(quiet=as_json))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"{noun} is rotated; restarted: {', '.join(report.restarted) or 'nobody'}")
