"""``seatrial status``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import command_context, environment_options
from seatrial.cli.output import table

if TYPE_CHECKING:
    from seatrial.ops.status import StatusReport


@click.command()
@environment_options
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
) -> None:
    """Show what is running; exits with 1 if something is not healthy."""
    from seatrial.cloud.session import Session
    from seatrial.ops.status import status

    context = command_context(file, environment or env, rehearsal=rehearsal)
    report = status(context.app, Session(context.target))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
        sys.exit(0 if report.well else 1)
    failed = f" (release {report.failed_release} failed)" if report.failed_release else ""
    click.echo(
        f"{context.app.app} ({context.app.environment})  release {report.release or '-'}{failed}  "
        f"{report.address}"
    )
    if report.paused:
        click.echo(f"{report.paused}; `seatrial resume` starts it")
    rows: list[tuple[str, ...]] = [("service", "running", "healthy", "revision", "deployment", "")]
    for s in report.services:
        healthy = "-" if s.healthy is None else str(s.healthy)
        rows.append(
            (s.name, f"{s.running}/{s.desired}", healthy, s.revision, s.deployment.lower(), s.why)
        )
    click.echo(table(rows))
    for line in _tasks(report):
        click.echo(line)
    for line in _others(report):
        click.echo(line)
    sys.exit(0 if report.well else 1)


def _tasks(report: StatusReport) -> Iterator[str]:
    """Yield a line for each task that runs, and for each of the last ones that failed."""
    for service in report.services:
        for task in service.tasks:
            since = f", since {task.started.astimezone():%H:%M:%S}" if task.started else ""
            yield f"  {service.name} task {task.id[:8]}: {task.status.lower()}{since}"
        for stopped in service.stopped:
            at = f" at {stopped.at.astimezone():%H:%M:%S}" if stopped.at else ""
            yield f"  {service.name} task {stopped.id[:8]}: stopped{at}: {stopped.reason}"


def _others(report: StatusReport) -> Iterator[str]:
    """Yield a line for each database, cache, queue and distribution."""
    for noun, state in report.databases.items():
        yield f"database {noun}: {state}"
    for other in report.others:
        yield other.sentence
