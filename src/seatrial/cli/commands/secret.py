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
    placed,
    rehearsal_option,
    scene,
)
from seatrial.cli.output import table


@click.group()
def command() -> None:
    """Set, list, rotate and import the values of secrets; a value is never an argument."""


@command.command("set")
@click.argument("name")
@file_option
@env_option
def set_(name: str, file: str | None, env: str | None) -> None:
    """Set a secret's value, read from standard input (or a hidden prompt).

    Without an environment it is for rehearsals. Running tasks keep the old one until a restart.
    """
    from seatrial.appfile import load
    from seatrial.cloud.session import Session
    from seatrial.ops import secret
    from seatrial.rehearsal import values

    found = load.read(app_path(file))
    secret.known(load.app_for(found, env or load.BASE), name)
    text = _given(name)
    if env:
        here = scene(file, env, rehearsal=False)
        secret.put(here.app, Session(here.target), name, text)
        click.echo(f"{name} is set; tasks read it when they start: `seatrial restart {env}`")
        return
    values.write(found.folder, name, text)
    click.echo(f"{name} is set for rehearsals; `seatrial up --fresh` starts with it")


@command.command("list")
@placed
def list_(
    environment: str | None, file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """List secrets: which have a value, which lack keys; exits with 1 where something lacks."""
    from seatrial.cloud.session import Session
    from seatrial.ops import secret

    here = scene(file, environment or env, rehearsal=rehearsal)
    found = secret.listed(here.app, Session(here.target))
    if as_json:
        click.echo(json.dumps({"secrets": [one.as_json() for one in found]}, indent=2))
    else:
        rows: list[tuple[str, ...]] = [("secret", "kind", "value", "changed", "")]
        rows += [
            (one.name, one.kind, "set" if one.set else "none", one.changed or "-",
             f"lacks {', '.join(one.missing)}" if one.missing else "")
            for one in found
        ]  # fmt: skip
        click.echo(table(rows))
    sys.exit(0 if all(one.set and not one.missing for one in found) else 1)


@command.command("rm")
@click.argument("name")
@file_option
def rm(name: str, file: str | None) -> None:
    """Forget the value that was set for rehearsals.

    In an environment a secret goes with the deploy after it left the app file.
    """
    from seatrial.errors import Problem, UsageError
    from seatrial.rehearsal import values

    if not values.forget(app_path(file).parent, name):
        raise UsageError(
            Problem(
                "usage-secret",
                f"no value of `{name}` is set for rehearsals",
                "To remove it from an environment, take it out of the app file and deploy.",
            )
        )
    click.echo(f"{name} has no value for rehearsals any more")


@command.command("import")
@click.argument("source", metavar="FILE", required=False)
@click.option(
    "--vault", metavar="PATH", help="Read a secret of Vault instead (VAULT_ADDR, -TOKEN)."
)
@click.option("--mount", default="secret", show_default=True, help="Where Vault's KV store is.")
@file_option
@env_option
def import_(
    source: str | None, vault: str | None, mount: str, file: str | None, env: str | None
) -> None:
    """Set many secrets from a `.env` file, or from one secret of Vault's KV store.

    Names are those of the app file or their variables: `openai-api-key` or `OPENAI_API_KEY`.
    """
    from seatrial.appfile import load
    from seatrial.cli import secret_values
    from seatrial.cloud.session import Session
    from seatrial.ops import secret
    from seatrial.rehearsal import values

    found = load.read(app_path(file))
    read = (
        secret_values.vault(vault, mount)
        if vault
        else secret_values.read(secret_values.path(source))
    )
    brought = secret.bring(load.app_for(found, env or load.BASE), read)
    here = scene(file, env, rehearsal=False) if env else None
    for name, text in brought.items():
        if here:
            secret.put(here.app, Session(here.target), name, text)
        else:
            values.write(found.folder, name, text)
    left = len(read) - len(brought)
    click.echo(f"set: {', '.join(brought) or 'nothing'}; {left} other values were not looked at")


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
    from seatrial.cli.output import Drawer
    from seatrial.ops.rotate import rotate

    here = scene(file, env, rehearsal=rehearsal)
    secret = here.app.secrets.get(noun)
    secret_values = _given(noun) if secret and not secret.generate else None
    report = rotate(here.app, here.target, noun, secret_values or None, Drawer(quiet=as_json))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"{noun} is rotated; restarted: {', '.join(report.restarted) or 'nobody'}")


def _given(name: str) -> str:
    """Return a value that is typed unseen, or that comes on standard input."""
    if sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, err=True))
    return sys.stdin.read().rstrip("\n")
