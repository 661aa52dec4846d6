"""``seatrial open``."""

from __future__ import annotations

import json
import webbrowser

import click

from seatrial.cli.options import context_and_names, environment_and_names


@click.command()
@environment_and_names("[ENV] [NAME]")
@click.option("--print", "only_print", is_flag=True, help="Print the address; open nothing.")
def command(
    where: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    only_print: bool,
) -> None:
    """Open the app in the browser, or the service, site or sign-in page called NAME."""
    from seatrial.cloud.session import Session
    from seatrial.ops.outputs import address, outputs

    context, names = context_and_names(file, env, where, rehearsal=rehearsal)
    found = address(outputs(context.app, Session(context.target)), names[0] if names else "app")
    opened = not only_print and webbrowser.open(found)
    if as_json:
        click.echo(json.dumps({"address": found, "opened": opened}, indent=2))
        return
    click.echo(found)
    if not opened and not only_print:
        click.echo("no browser was found here: open the address yourself", err=True)
