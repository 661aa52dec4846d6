"""``seatrial console``."""

from __future__ import annotations

import json
import sys
import threading
import webbrowser

import click

from seatrial.cli.options import app_path, command_context, environment_options


@click.command()
@environment_options
@click.option("--print", "only_print", is_flag=True, help="Print the address; open no browser.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port of this machine to listen on; any free one by default.",
)
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    only_print: bool,
    port: int,
) -> None:
    """Show what runs on one local page, live; until Ctrl-C.

    Without ENV it is the rehearsal or the trial that runs here, or the next one: with buttons that
    kill, inject, restart and roll back. With ENV it is an environment on AWS, to look at only. The
    address has a token: who has it may look, and press the buttons.
    """
    from seatrial.appfile import load
    from seatrial.console import place, server
    from seatrial.trial import step_file

    path = app_path(file)
    name = environment or env
    if name and not rehearsal:
        context = command_context(file, name, rehearsal=False)
        find, steps = place.on_aws(context.app, context.target), None
    else:
        name = name or load.BASE
        load.app_for(load.read(path), name)  # an app file with mistakes is refused here
        find, steps = place.Local(path, name), step_file.path_of(path.parent, name)
    made = server.start(path, name, find, steps=steps, port=port)
    click.echo(json.dumps({"address": made.address}) if as_json else made.address)
    sys.stdout.flush()
    if not only_print and not as_json:
        webbrowser.open(made.address)
    click.echo("Ctrl-C ends the console", err=True)
    try:
        threading.Event().wait()
    finally:
        made.close()
