"""``seatrial destroy``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import command_context, confirm_name, environment_options, provider_option
from seatrial.cli.output import EventPrinter
from seatrial.errors import Problem, UsageError

if TYPE_CHECKING:
    from seatrial.ops.destroy import DestroyReport, Loss


@click.command()
@environment_options
@provider_option
@click.option(
    "--name",
    metavar="APP-ENV",
    help="The name of what to destroy, as confirmation; asked for otherwise.",
)
@click.option("--export", metavar="FOLDER", help="Copy the buckets' objects here first.")
@click.option("--lose-objects", is_flag=True, help="Delete the buckets' objects without a copy.")
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    name: str | None,
    export: str | None,
    lose_objects: bool,
) -> None:
    """Destroy an environment after a final copy of its data, and check that nothing is left.

    Each database gets a final snapshot. Exits with 3 if something is left.
    """
    from seatrial.ops import expected_times
    from seatrial.ops.destroy import destroy, loss

    context = command_context(file, environment or env, rehearsal=rehearsal)
    wanted = f"{context.app.app}-{context.app.environment}"
    losses = loss(context.app, context.target)
    _print_losses(losses)
    _require_export(losses, export, lose_objects=lose_objects)
    confirm_name(wanted, name, "destroy")
    printer = EventPrinter(quiet=as_json, expected=expected_times.destroy(context.app))
    report = destroy(context.app, context.target, Path(export) if export else None, printer)
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else _summary(report))
    sys.exit(0 if report.gone else 3)


def _print_losses(losses: Loss) -> None:
    for database in losses.databases:
        click.echo(f"  database {database}: gets a final snapshot", err=True)
    for bucket, (count, size) in losses.buckets.items():
        click.echo(f"  bucket {bucket}: {count} objects, {size / 1e6:.1f} MB", err=True)
    money = f"about {losses.monthly:.2f} USD a month"
    click.echo(f"  {len(losses.things)} resources in total, {money}", err=True)


def _require_export(losses: Loss, export: str | None, *, lose_objects: bool) -> None:

    full = [name for name, (count, _) in losses.buckets.items() if count]
    if full and not export and not lose_objects:
        raise UsageError(
            Problem(
                "destroy-objects",
                f"the objects in {', '.join(full)} would be deleted",
                "Pass `--export FOLDER` to copy them first, or `--lose-objects` to delete them.",
            )
        )


def _summary(report: DestroyReport) -> str:
    lines = [f"retained: {name}" for name in report.retained]
    lines += [f"left: {thing.kind} {thing.name}" for thing in report.left]
    lines += [f"could not look: {what}" for what in report.unseen]
    lines += [str(problem) for problem in report.problems]
    end = "nothing billable is left" if report.gone else "some resources are left"
    if report.gone and report.unseen:
        end = "nothing is left of what these credentials may list"
    return "\n".join([*lines, end])
