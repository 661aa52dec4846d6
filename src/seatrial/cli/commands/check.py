"""``seatrial check``."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import app_path, env_option, file_option, json_option
from seatrial.cli.style import style
from seatrial.errors import AppFileError, Problem
from seatrial.schemas import check

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

    if schema:
        from seatrial.appfile.schema import schema as document

        click.echo(json.dumps(document(), indent=2))
        return
    path = app_path(file)
    notes: tuple[str, ...] = ()
    try:
        found = load.read(path)
        notes = found.tree.notes
        load.require_environment(found, env or load.BASE)
        problems = sorted({*load.check(found), *patches(found)}, key=Problem.order)
        problems = problems or generated(found)
    except AppFileError as error:
        problems = list(error.problems)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps({"problems": [p.as_json() for p in problems]}, indent=2))
    elif problems:
        for problem in problems:
            click.echo(style("error", fg="red", bold=True) + str(problem)[5:])
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}", err=True)
    elif show:
        click.echo(json.dumps(load.long_form(found, env or load.BASE), indent=2))
    else:
        _print_names(found, path.name)
    sys.exit(2 if problems else 0)


def patches(found: load.AppFile) -> list[Problem]:
    """Return the problems of `terraform:` patches, each once.

    Whether a resource is there is known only of an app without other problems.
    """
    from seatrial.appfile import load
    from seatrial.model.overrides import Overrides
    from seatrial.resources import overrides
    from seatrial.resources.catalog import graph

    problems: dict[Problem, None] = {}
    for environment in found.environments:
        app, wrong = load.judged(found, environment)
        if app is None or not app.terraform.patches:
            continue
        known = None
        if not wrong:
            made = graph(app.model_copy(update={"terraform": Overrides()}))
            known = [".".join(one.address) for one in made.resources if not one.data]
        for finding in overrides.findings(app.terraform, known):
            problems[load.pinned(found, environment, finding)] = None
    return list(problems)


def generated(found: load.AppFile) -> list[Problem]:
    """Return the values that AWS does not take in what would be generated, each once."""
    from seatrial.appfile import load
    from seatrial.resources.catalog import graph

    problems: dict[Problem, None] = {}
    for environment in found.environments:
        made = graph(load.app_for(found, environment), partial(_line, found))
        problems |= dict.fromkeys(check.problems(made, found.path.name))
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
