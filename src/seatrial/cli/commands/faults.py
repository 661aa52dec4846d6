"""``seatrial faults``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import json_option
from seatrial.cli.output import table
from seatrial_emulator.faults import FAULTS


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the faults that `up --inject` and `trial --inject` can inject."""

    rows = [(f.id, f.applies_to, f.shows, f.source) for f in FAULTS.values()]
    if as_json:
        names = ("id", "applies_to", "shows", "source")
        listed = [dict(zip(names, row, strict=True)) for row in rows]
        click.echo(json.dumps({"faults": listed}, indent=2))
    else:
        click.echo(table([("fault", "affects a", "what AWS shows"), *(row[:3] for row in rows)]))
