"""``seatrial verify``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import command_context, environment_options
from seatrial.cli.secret_values import source
from seatrial.cli.style import style

if TYPE_CHECKING:
    from seatrial.ops.verify import VerifyReport

COLOURS = {"error": "red", "warning": "yellow", "unchecked": "cyan"}


@click.command()
@environment_options
@click.option("--secrets", metavar="FILE", help="A `.env` file with values of secrets.")
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    secrets: str | None,
) -> None:
    """Find what would make a deploy fail; changes nothing, exits with 1 if there is an error.

    Checks secrets, images, credentials, quotas, connections and versions. `deploy` starts with it.
    """
    from seatrial.cloud.session import Session
    from seatrial.ops.verify import verify

    context = command_context(file, environment or env, rehearsal=rehearsal)
    report = verify(context.app, Session(context.target), source(secrets))
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else text(report))
    sys.exit(1 if report.errors else 0)


def text(report: VerifyReport) -> str:
    """Return findings as text, the most severe first."""
    if not report.findings:
        return "found nothing that would make a deploy fail"
    lines = []
    for found in report.findings:
        title = style(f"{found.severity}[{found.code}]", fg=COLOURS[found.severity])
        lines.append(f"{title}: {found.title}")
        lines += [f"  evidence: {found.evidence}", f"  cause: {found.cause}", f"  fix: {found.fix}"]
    return "\n".join(lines)
