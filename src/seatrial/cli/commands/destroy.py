"""``seatrial destroy``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import named, placed, provider_option, scene

if TYPE_CHECKING:
    from seatrial.ops.destroy import DestroyReport, Loss


@click.command()
@placed
@provider_option
@click.option("--name", metavar="APP-ENV", help="What to destroy, in words; else it is asked.")
@click.option("--export", metavar="FOLDER", help="Where the buckets' objects go first.")
@click.option("--lose-objects", is_flag=True, help="Do not export the buckets' objects.")
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
    """Destroy an environment after a last copy of its data, and prove that nothing is left.

    Databases leave a final snapshot. Exits with 3 where something is left.
    """
    from seatrial.cli.output import Drawer
    from seatrial.ops import expected
    from seatrial.ops.destroy import destroy, loss

    here = scene(file, environment or env, rehearsal=rehearsal)
    wanted = f"{here.app.app}-{here.app.environment}"
    taken = loss(here.app, here.target)
    _tell(taken)
    _refuse(taken, export, lose_objects=lose_objects)
    named(wanted, name, "destroy")
    drawer = Drawer(quiet=as_json, expected=expected.destroy(here.app))
    report = destroy(here.app, here.target, Path(export) if export else None, drawer)
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else _said(report))
    sys.exit(0 if report.gone else 3)


def _tell(taken: Loss) -> None:
    for database in taken.databases:
        click.echo(f"  database {database}: leaves a final snapshot", err=True)
    for bucket, (count, size) in taken.buckets.items():
        click.echo(f"  bucket {bucket}: {count} objects, {size / 1e6:.1f} MB", err=True)
    money = f"about {taken.monthly:.2f} USD a month"
    click.echo(f"  {len(taken.things)} billable things in all, {money}", err=True)


def _refuse(taken: Loss, export: str | None, *, lose_objects: bool) -> None:
    from seatrial.errors import Problem, UsageError

    full = [name for name, (count, _) in taken.buckets.items() if count]
    if full and not export and not lose_objects:
        raise UsageError(
            Problem(
                "destroy-objects",
                f"{', '.join(full)} would be lost with everything in it",
                "Say where the objects go, `--export FOLDER`, or that nobody needs them: "
                "`--lose-objects`.",
            )
        )


def _said(report: DestroyReport) -> str:
    lines = [f"kept: {name}" for name in report.kept]
    lines += [f"left: {thing.kind} {thing.name}" for thing in report.left]
    lines += [str(problem) for problem in report.problems]
    return "\n".join([*lines, "nothing billable is left" if report.gone else "not all is gone"])
