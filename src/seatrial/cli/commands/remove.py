"""``seatrial remove``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from seatrial.cli.options import (
    confirm_name,
    context_and_names,
    environment_and_names,
    provider_option,
)
from seatrial.cli.output import EventPrinter
from seatrial.cli.secret_values import source
from seatrial.errors import Problem, UsageError


@click.command()
@environment_and_names("[ENV] NOUN")
@provider_option
@click.option(
    "--name",
    metavar="APP-ENV-NOUN",
    help="The name of what to remove, as confirmation; asked for otherwise.",
)
@click.option("--export", metavar="FOLDER", help="Copy a bucket's objects here first.")
@click.option("--lose-objects", is_flag=True, help="Delete a bucket's objects without a copy.")
def command(
    where: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    name: str | None,
    export: str | None,
    lose_objects: bool,
) -> None:
    """Remove a database or bucket that is no longer in the app file.

    Deploys the release without it first. A database gets a final snapshot.
    """
    from seatrial.cli import image_options
    from seatrial.cloud.session import Session
    from seatrial.ops import remove
    from seatrial.ops.deploy import Leaving

    context, nouns = context_and_names(file, env, where, rehearsal=rehearsal)
    if len(nouns) != 1:
        raise UsageError(
            Problem("usage-remove", "name exactly one noun", "Name one database or bucket.")
        )
    kind = remove.refuse(context.app, Session(context.target), nouns[0])
    if kind == "bucket" and not export and not lose_objects:
        raise UsageError(
            Problem(
                "destroy-objects",
                f"the objects in {nouns[0]} would be deleted",
                "Pass `--export FOLDER` to copy them first, or `--lose-objects` to delete them.",
            )
        )
    confirm_name(f"{context.app.app}-{context.app.environment}-{nouns[0]}", name, "remove")
    printer = EventPrinter(quiet=as_json)
    options = image_options.options(context, printer, source(None))
    leaving = Leaving(nouns[0], Path(export) if export else None)
    report = remove.remove(context.app, context.target, leaving, options, printer)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"removed {nouns[0]}; release {report.release} serves without it")
