"""``seatrial outputs``."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from seatrial.cli.options import context_and_names, environment_and_names, refuse_unknown
from seatrial.cli.output import table


@click.command()
@environment_and_names("[ENV] [NAME]...")
def command(
    where: tuple[str, ...],
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
) -> None:
    """Print every address and name of what is deployed, or of the given nouns.

    Addresses, hosts and ports, Cognito's ids, buckets, queues, ARNs; never the value of a secret.
    """
    from seatrial.cloud.session import Session
    from seatrial.ops.outputs import outputs

    context, names = context_and_names(file, env, where, rehearsal=rehearsal)
    found = outputs(context.app, Session(context.target))
    refuse_unknown(
        names,
        found,
        code="usage-output",
        message="nothing deployed is called",
        fix="`seatrial outputs` lists everything.",
    )
    shown = {name: found[name] for name in names or found}
    if as_json:
        click.echo(json.dumps({"outputs": shown}, indent=2))
        return
    click.echo(text(shown))


def text(found: Mapping[str, Mapping[str, str]]) -> str:
    """Return a table of outputs: `{noun: {attribute: value}}`."""
    rows = [
        (f"{name}.{key}", value) for name, values in found.items() for key, value in values.items()
    ]
    return table([("output", "value"), *rows])
