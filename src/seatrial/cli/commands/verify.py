"""``seatrial verify``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import placed, scene

if TYPE_CHECKING:
    from seatrial.ops.verify import VerifyReport

COLOURS = {"error": "red", "warning": "yellow", "unchecked": "cyan"}


@click.command()
@placed
@click.option("--secrets", metavar="FILE", help="A `.env` file with values that are set by hand.")
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    secrets: str | None,
) -> None:
    """Find what would make a deploy fail; changes nothing, exits with 1 where there is something.

    Secrets, images, credentials, quotas, connections, versions. `deploy` begins with the same.
    """
    from seatrial.cli.secret_values import source
    from seatrial.cloud.session import Session
    from seatrial.ops.verify import verify

    here = scene(file, environment or env, rehearsal=rehearsal)
    report = verify(here.app, Session(here.target), source(secrets))
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else text(report))
    sys.exit(1 if report.errors else 0)


def text(report: VerifyReport) -> str:
    """Return findings as a person reads them, the worst first."""
    if not report.findings:
        return "nothing found that would make a deploy fail"
    lines = []
    for found in report.findings:
        title = click.style(f"{found.severity}[{found.code}]", fg=COLOURS[found.severity])
        lines.append(f"{title}: {found.title}")
        lines += [f"  evidence: {found.evidence}", f"  cause: {found.cause}", f"  fix: {found.fix}"]
    return "\n".join(lines)
