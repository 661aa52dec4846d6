"""``seatrial check``."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import app_path, env_option, file_option, json_option

if TYPE_CHECKING:
    from seatrial.appfile import load
    from seatrial.errors import Problem


@click.command()
@file_option
@env_option
@json_option
@click.option("--show", is_flag=True, help="Print the app file with every default filled in.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema for editors.")
def command(file: str | None, env: str | None, as_json: bool, show: bool, schema: bool) -> None:
    """Report every problem in the app file; exits with 2 if there is one."""
    from seatrial.appfile import load
    from seatrial.errors import AppFileError

    if schema:
        from seatrial.appfile.schema import schema as document

        click.echo(json.dumps(document(), indent=2))
        return
    path = app_path(file)
    notes: tuple[str, ...] = ()
    try:
        found = load.read(path)
        notes = found.tree.notes
        problems = load.check(found) or generated(found)
    except AppFileError as error:
        problems = list(error.problems)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps({"problems": [p.as_json() for p in problems]}, indent=2))
    elif problems:
        for problem in problems:
            click.echo(click.style("error", fg="red", bold=True) + str(problem)[5:])
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}", err=True)
    elif show:
        click.echo(json.dumps(load.long_form(found, env or load.BASE), indent=2))
    else:
        _print_names(found, path.name)
    sys.exit(2 if problems else 0)


def generated(found: load.AppFile) -> list[Problem]:
    """Return what is wrong with what would be generated, in any environment, each once.

    Patches under `terraform:` that match no resource, and values that AWS does not take.
    """
    from seatrial.appfile import load
    from seatrial.errors import UserError
    from seatrial.resources.catalog import graph
    from seatrial.schemas import check

    problems: dict[Problem, None] = {}
    for environment in found.environments:
        try:
            made = graph(load.app_for(found, environment), partial(_line, found))
            problems |= dict.fromkeys(check.problems(made, found.path.name))
        except UserError as error:
            problems |= dict.fromkeys(error.problems)
    return list(problems)


def _line(found: load.AppFile, noun: str) -> int | None:
    from seatrial.appfile import load

    return load.line_of(found, tuple(noun.split(".")))


def _print_names(found: object, name: str) -> None:
    from seatrial.appfile import load
    from seatrial.resources.context import Context

    if not isinstance(found, load.AppFile):
        return
    environments = ", ".join(found.environments)
    plural = "s" if len(found.environments) > 1 else ""
    click.echo(f"{name} is valid in {len(found.environments)} environment{plural} ({environments})")
    app = load.app_for(found, load.BASE)
    context = Context(app)
    for noun in app.databases:
        click.echo(f"  database {noun}: {context.name('database', noun)} (renaming it replaces it)")
    for noun in app.buckets:
        real = context.global_name("bucket", noun, reserve=13)
        click.echo(f"  bucket {noun}: {real}-<account> (renaming it replaces it)")
