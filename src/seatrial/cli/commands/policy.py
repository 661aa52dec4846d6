"""``seatrial policy``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import app_path, env_option, file_option, json_option

if TYPE_CHECKING:
    from seatrial.ops.policy import Policy, Purpose


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@file_option
@env_option
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["deploy", "look", "ci", "plan"]),
    default="deploy",
    show_default=True,
    help="Who needs it: who deploys and destroys, who only looks, a CI, which cannot end "
    "data, or who only plans.",
)
@click.option("--out", metavar="DIR", help="Write each policy into a file of this folder.")
@json_option
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    purpose: Purpose,
    out: str | None,
    as_json: bool,
) -> None:
    """Print the least IAM policies for an environment, as few as IAM's size limit allows."""
    from seatrial.appfile import load
    from seatrial.ops.policy import policies

    found = load.read(app_path(file))
    app = load.app_for(found, environment or env or load.BASE)
    made = policies(app, app.account or "", purpose)
    if out:
        for path in _written(made, Path(out)):
            click.echo(path)
        return
    if as_json:
        rows = [{"name": each.name, "document": each.document} for each in made]
        click.echo(json.dumps({"policies": rows}, indent=2))
        return
    for each in made:
        click.echo(f"# {each.name}", err=True)
        click.echo(json.dumps(each.document, indent=2))


def _written(made: list[Policy], folder: Path) -> list[Path]:
    """Write each policy as IAM takes it: its size limit does not count white space."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{each.name}.json" for each in made]
    for path, each in zip(paths, made, strict=True):
        path.write_text(json.dumps(each.document, indent=2) + "\n", encoding="utf-8")
    return paths
