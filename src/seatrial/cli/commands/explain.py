"""``seatrial explain``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from seatrial.cli.options import json_option

if TYPE_CHECKING:
    from seatrial.appfile.reference import Topic


def _complete(
    _context: click.Context, _parameter: click.Parameter, start: str
) -> list[CompletionItem]:
    from seatrial.appfile import reference

    return [CompletionItem(name) for name in reference.names() if name.startswith(start)]


@click.command()
@click.argument("topic", metavar="CODE|KEY", shell_complete=_complete)
@json_option
def command(topic: str, as_json: bool) -> None:
    """Explain an error's code, or a key of the app file: `network.outbound`.

    A key is a path without the names that you chose. A bare word such as
    `health` is the key of that name nearest to the top.
    """
    from seatrial.appfile import reference

    found = reference.topic(topic)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
        return
    _print(found)


def _print(found: Topic) -> None:
    click.echo(click.style(found.name, bold=True))
    click.echo(click.wrap_text(found.text, width=88, initial_indent="  ", subsequent_indent="  "))
    for word, value in (("default", found.default), ("example", found.example)):
        if value:
            click.echo(f"  {word}: {value}")
    width = max((len(row.name) for row in found.keys), default=0)
    for row in found.keys:
        click.echo(f"    {row.name:{width}}  {row.text}")
