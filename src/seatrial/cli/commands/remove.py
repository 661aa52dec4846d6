"""``seatrial remove``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from seatrial.cli.options import named, parted, placed_with, provider_option


@click.command()
@placed_with("[ENV] NOUN")
@provider_option
@click.option("--name", metavar="APP-ENV-NOUN", help="What to remove, in words; else it is asked.")
@click.option("--export", metavar="FOLDER", help="Where a bucket's objects go first.")
@click.option("--lose-objects", is_flag=True, help="Do not export a bucket's objects.")
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
    """Remove a database or bucket that left the app file, after a last copy of its data.

    The release without it serves first. A database leaves a final snapshot.
    """
    from seatrial.cli import image_options
    from seatrial.cli.output import Drawer
    from seatrial.cli.secret_values import source
    from seatrial.cloud.session import Session
    from seatrial.errors import Problem, UsageError
    from seatrial.ops import remove
    from seatrial.ops.deploy import Leaving

    here, nouns = parted(file, env, where, rehearsal=rehearsal)
    if len(nouns) != 1:
        raise UsageError(Problem("usage-remove", "remove what?", "Name one database or bucket."))
    kind = remove.refuse(here.app, Session(here.target), nouns[0])
    if kind == "bucket" and not export and not lose_objects:
        raise UsageError(
            Problem(
                "destroy-objects",
                f"`{nouns[0]}` would be lost with everything in it",
                "Say where the objects go, `--export FOLDER`, or `--lose-objects`.",
            )
        )
    named(f"{here.app.app}-{here.app.environment}-{nouns[0]}", name, "remove")
    drawer = Drawer(quiet=as_json)
    options = image_options.options(here, drawer, source(None))
    leaving = Leaving(nouns[0], Path(export) if export else None)
    report = remove.remove(here.app, here.target, leaving, options, drawer)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"{nouns[0]} is removed; release {report.release} serves without it")
