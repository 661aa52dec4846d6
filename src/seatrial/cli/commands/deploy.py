"""``seatrial deploy``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import (
    engine_option,
    env_option,
    file_option,
    json_option,
    provider_option,
)

if TYPE_CHECKING:
    from seatrial.cli.options import CommandContext
    from seatrial.ops.deploy import Options
    from seatrial.ops.verify import VerifyReport


@click.command()
@click.argument("environment", metavar="ENV", required=False)
@file_option
@env_option
@json_option
@provider_option
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@click.option("--plan-only", is_flag=True, help="Show what would change, and stop.")
@engine_option(words="`auto`: the first of docker, podman, buildah that works.")
@click.option("--secrets", metavar="FILE", help="A `.env` file with values that are set by hand.")
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    as_json: bool,
    yes: bool,
    plan_only: bool,
    engine: str,
    secrets: str | None,
) -> None:
    """Deploy to AWS: verify, build, apply, fill, migrate, release, wait, smoke-test, record.

    Success means that the wanted revision serves. A release that fails is put back.
    """
    from seatrial.cli import image_options
    from seatrial.cli.output import Drawer
    from seatrial.cli.secret_values import source
    from seatrial.cloud.session import Session
    from seatrial.ops.deploy import deploy
    from seatrial.ops.verify import refuse, verify

    here = _scene(file, environment or env)
    if not plan_only:
        _refuse_silence(here, yes=yes)
    drawer = Drawer(quiet=as_json)
    values = source(secrets)
    found = verify(here.app, Session(here.target), values)
    _tell(found, as_json=as_json)
    if plan_only:
        options = image_options.options(here, drawer, values, engine, pushed=False)
        sys.exit(10 if _plan(here, options, as_json=as_json) else 0)
    refuse(found)
    options = image_options.options(here, drawer, values, engine)
    if not yes:
        planned = image_options.options(here, drawer, values, engine, pushed=False)
        _plan(here, planned, as_json=False)
        click.confirm(f"deploy to {_where(here)}?", abort=True, err=True)
    minutes = max(round(found.seconds / 60), 1)
    click.echo(f"deploying to {_where(here)}: about {minutes} min on AWS", err=True)
    drawer.progress.expected = found.seconds
    report = deploy(here.app, here.target, options, drawer)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(
            f"release {report.release} serves" + (f" at {report.address}" * bool(report.address))
        )


def _scene(file: str | None, environment: str | None) -> CommandContext:
    from seatrial.appfile import load
    from seatrial.cli.options import app_path, scene
    from seatrial.errors import Problem, UsageError

    if environment is None:
        known = ", ".join(load.read(app_path(file)).environments)
        raise UsageError(
            Problem(
                "usage-environment",
                "which environment?",
                f"Name one of: {known}. A rehearsal is `seatrial up`.",
            )
        )
    return scene(file, environment, rehearsal=False)


def _tell(found: VerifyReport, *, as_json: bool) -> None:
    """Show what does not stop the deploy; what does is raised."""
    from seatrial.cli.commands.verify import text
    from seatrial.ops.verify import VerifyReport

    mild = tuple(finding for finding in found.findings if finding.severity != "error")
    if mild and not as_json:
        click.echo(text(VerifyReport(mild, found.seconds)), err=True)


def _plan(here: CommandContext, options: Options, *, as_json: bool) -> bool:
    """Show what would change, and return whether anything would."""
    from seatrial.cli.commands.plan import text
    from seatrial.cli.output import Drawer
    from seatrial.ops.plan import plan

    report = plan(here.app, here.target, options, Drawer(quiet=True))
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else text(report))
    return bool(report.changes)


def _where(here: CommandContext) -> str:
    return f"{here.app.environment} in account {here.target.account}, {here.target.region}"


def _refuse_silence(here: CommandContext, *, yes: bool) -> None:
    from seatrial.errors import Problem, UsageError

    if not yes and not sys.stdin.isatty():
        raise UsageError(
            Problem(
                "deploy-confirm",
                f"nobody is here to say yes to a deploy to {_where(here)}",
                "Say it in advance: `--yes`.",
            )
        )
