"""``seatrial diagram``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli import pictures
from seatrial.cli.options import app_path, env_option, file_option, json_option
from seatrial.cli.style import style

if TYPE_CHECKING:
    from seatrial.resources.picture import Picture

MARKS = {"world": "yellow", "edge": "blue", "run": "green", "data": "magenta"}


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@file_option
@env_option
@json_option
@click.option("--out", metavar="FILE.svg", help="Write the picture as SVG.")
def command(
    environment: str | None, file: str | None, env: str | None, as_json: bool, out: str | None
) -> None:
    """Draw the stack: what is public, what connects to what, where data is stored.

    Needs no AWS account.
    """
    from seatrial.appfile import load
    from seatrial.resources.picture import picture

    found = load.read(app_path(file))
    drawn = picture(load.app_for(found, environment or env or load.BASE))
    if out:
        Path(out).write_text(pictures.diagram(drawn), encoding="utf-8")
        click.echo(out)
    elif as_json:
        boxes = [dict(box.__dict__) for box in drawn.nodes]
        arrows = [list(arrow) for arrow in drawn.arrows]
        click.echo(json.dumps({"title": drawn.title, "boxes": boxes, "arrows": arrows}, indent=2))
    else:
        click.echo(text(drawn))


def text(drawn: Picture) -> str:
    """Return the picture for a terminal: a line for each box and what it connects to."""
    titles = {box.name: box.title for box in drawn.nodes}
    width = max(len(box.title) for box in drawn.nodes)
    lines = [style(drawn.title, bold=True)]
    for column in drawn.columns:
        lines.append("")
        for box in column:
            to = [titles[b] for a, b in drawn.arrows if a == box.name]
            name = style(f"{box.title:<{width}}", fg=MARKS[box.kind], bold=True)
            arrow = f"  ──▶ {', '.join(to)}" if to else ""
            lines.append(f"  {name}  {box.about:<38}{arrow}".rstrip())
    return "\n".join(lines)
