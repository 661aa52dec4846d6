"""``seatrial init``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import json_option

if TYPE_CHECKING:
    from seatrial.discovery.document import Document

TEMPLATES = ("fastapi", "streamlit", "fullstack")
NEXT = ("seatrial check", "seatrial up")


@click.command()
@click.option(
    "--template",
    type=click.Choice(TEMPLATES),
    help="Write a small app instead: one service; a page; or a site, an API and a database.",
)
@click.option(
    "--region",
    metavar="REGION",
    help="The AWS region. Default: what the project says, AWS_REGION, or us-east-1.",
)
@click.option("--print", "only_print", is_flag=True, help="Print the file; write nothing.")
@json_option
def command(template: str | None, region: str | None, only_print: bool, as_json: bool) -> None:
    """Look at the project in this folder and write seatrial.yml, with a comment for each choice.

    Reads compose files, Copilot manifests, ECS task definitions, fly.toml, Procfile, Dockerfiles,
    requirements and sources; of `.env` files the names, never the values. Overwrites nothing.
    """
    folder = Path.cwd()
    if template:
        _from_template(folder, template, region, as_json=as_json)
        return
    from seatrial.appfile.load import DEFAULT_NAME
    from seatrial.discovery import writing

    if not only_print:
        writing.refuse_existing([folder / DEFAULT_NAME])
    document, sources = writing.document(folder, region=region or "", default=_region(""))
    text = writing.text(document, sources)
    if only_print:
        click.echo(text, nl=False)
        return
    path = writing.save(folder, text)
    if as_json:
        click.echo(json.dumps(_as_json(path, document, sources), indent=2))
        return
    _summary(path, document, sources)


def _region(given: str) -> str:
    found = given or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return found or "us-east-1"


def _from_template(folder: Path, template: str, region: str | None, *, as_json: bool) -> None:
    from seatrial.discovery import templates

    written = templates.write(folder, template, region=_region(region or ""))
    if as_json:
        shown = {"file": "seatrial.yml", "files": written, "next": list(NEXT)}
        click.echo(json.dumps(shown, indent=2))
        return
    for name in written:
        click.echo(f"wrote {name}")
    click.echo(f"next: {', '.join(NEXT)}", err=True)


def _as_json(path: Path, document: Document, sources: list[str]) -> dict[str, object]:
    return {
        "file": path.name,
        "sources": sources,
        "not_carried_over": document.left,
        "next": list(NEXT),
    }


def _summary(path: Path, document: Document, sources: list[str]) -> None:
    click.echo(f"wrote {path.name}, from {', '.join(sources)}")
    for section, named in document.raw.items():
        if isinstance(named, dict):
            click.echo(f"  {section:10} {', '.join(named)}")
    if document.left:
        click.echo("not carried over:")
        for sentence in document.left:
            click.echo(f"  - {sentence}")
    click.echo(f"next: {', '.join(NEXT)}", err=True)
