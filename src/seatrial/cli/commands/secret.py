"""``seatrial secret``."""

from __future__ import annotations

import json
import sys

import click

from seatrial.cli import secret_values
from seatrial.cli.group import Suggesting
from seatrial.cli.options import (
    app_path,
    command_context,
    env_option,
    environment_options,
    file_option,
    json_option,
    rehearsal_option,
)
from seatrial.cli.output import EventPrinter, table
from seatrial.errors import Problem, UsageError


@click.group(cls=Suggesting)
def command() -> None:
    """Set, list, rotate and import secret values; a value is never an argument."""


@command.command("set")
@click.argument("name")
@file_option
@env_option
def set_(name: str, file: str | None, env: str | None) -> None:
    """Set a secret's value, read from standard input or a hidden prompt.

    Without --env the value is for rehearsals. Running tasks keep the old value until a restart.
    """
    from seatrial.appfile import load
    from seatrial.cloud.session import Session
    from seatrial.ops import secret
    from seatrial.rehearsal import values

    found = load.read(app_path(file))
    kind = secret.known(load.app_for(found, env or load.BASE), name)
    text = _read_value(name)
    if env:
        context = command_context(file, env, rehearsal=False)
        secret.put(context.app, Session(context.target), name, text)
        click.echo(f"{name} is set; to use it, restart the services: `seatrial restart {env}`")
        return
    secret.refuse(name, kind, text)
    values.write(found.folder, name, text)
    click.echo(f"{name} is set for rehearsals; {secret_values.deliver(found)}")


@command.command("list")
@environment_options
def list_(
    environment: str | None, file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """List secrets and whether they have a value; exits with 1 if a value or key is missing."""
    from seatrial.cloud.session import Session
    from seatrial.ops import secret

    context = command_context(file, environment or env, rehearsal=rehearsal)
    found = secret.listed(context.app, Session(context.target))
    if as_json:
        click.echo(json.dumps({"secrets": [one.as_json() for one in found]}, indent=2))
    else:
        rows: list[tuple[str, ...]] = [("secret", "kind", "value", "changed", "")]
        rows += [
            (one.name, one.kind, secret_values.word(one), one.changed or "-",
             f"missing keys: {', '.join(one.missing)}" if one.missing else "")
            for one in found
        ]  # fmt: skip
        click.echo(table(rows))
    sys.exit(0 if all(one.set and not one.missing for one in found) else 1)


@command.command("rm")
@click.argument("name")
@file_option
def rm(name: str, file: str | None) -> None:
    """Delete a value that was set for rehearsals.

    In an environment, a secret is removed by the first deploy without it in the app file.
    """

    from seatrial.rehearsal import values

    if not values.forget(app_path(file).parent, name):
        raise UsageError(
            Problem(
                "usage-secret",
                f"no value of `{name}` is set for rehearsals",
                "To remove a secret from an environment, remove it from the app file and deploy.",
            )
        )
    click.echo(f"deleted the value of {name} for rehearsals")


@command.command("import")
@click.argument("source", metavar="FILE", required=False)
@click.option(
    "--vault",
    metavar="PATH",
    help="Read a secret from Vault instead (uses VAULT_ADDR and VAULT_TOKEN).",
)
@click.option(
    "--mount", default="secret", show_default=True, help="The mount point of Vault's KV store."
)
@file_option
@env_option
def import_(
    source: str | None, vault: str | None, mount: str, file: str | None, env: str | None
) -> None:
    """Set secrets from a `.env` file, or from one secret in Vault's KV store.

    Names are those of the app file, or their variables: `openai-api-key` or `OPENAI_API_KEY`.
    """
    from seatrial.appfile import load
    from seatrial.cloud.session import Session
    from seatrial.ops import secret
    from seatrial.rehearsal import values

    found = load.read(app_path(file))
    read = (
        secret_values.read_vault(vault, mount)
        if vault
        else secret_values.read(secret_values.require_file(source))
    )
    app = load.app_for(found, env or load.BASE)
    imported = secret.bring(app, read)
    context = command_context(file, env, rehearsal=False) if env else None
    for name, text in imported.items():
        if context:
            secret.put(context.app, Session(context.target), name, text)
        else:
            values.write(found.folder, name, text)
    then = "" if env or not imported else f"; {secret_values.deliver(found)}"
    click.echo(f"set: {', '.join(imported) or 'nothing'}{then}")
    if ignored := secret.unused(app, read):
        click.echo(f"ignored, no secret of the app: {', '.join(ignored)}")


@command.command("rotate")
@click.argument("noun")
@file_option
@env_option
@rehearsal_option
@json_option
def rotate_(noun: str, file: str | None, env: str | None, rehearsal: bool, as_json: bool) -> None:
    """Give a secret or a database's password a new value, and restart the services that use it.

    A generated secret gets a new generated value; any other is read from standard input.
    """
    from seatrial.ops.rotate import rotate
    from seatrial.rehearsal import values

    context = command_context(file, env, rehearsal=rehearsal)
    secret = context.app.secrets.get(noun)
    text = _read_value(noun) if secret and not secret.generate else None
    report = rotate(context.app, context.target, noun, text or None, EventPrinter(quiet=as_json))
    if text and context.in_rehearsal:  # the next rehearsal starts with it too
        values.write(context.file.folder, noun, text)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"rotated {noun}; restarted: {', '.join(report.restarted) or 'no service'}")


def _read_value(name: str) -> str:
    """Return a value from a hidden prompt, or without a terminal from standard input."""
    if sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, err=True))
    return sys.stdin.read().rstrip("\n")
