"""``seatrial deploy``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from seatrial.cli.commands import outputs as outputs_command
from seatrial.cli.commands import plan as plan_command
from seatrial.cli.commands import verify as verify_command
from seatrial.cli.options import (
    app_path,
    command_context,
    engine_option,
    env_option,
    file_option,
    json_option,
    provider_option,
)
from seatrial.cli.output import EventPrinter
from seatrial.cli.secret_values import source
from seatrial.errors import Problem, UsageError

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
@click.option(
    "--yes", is_flag=True, help="Do not ask for confirmation; required without a terminal."
)
@click.option("--plan-only", is_flag=True, help="Show what would change, then stop.")
@engine_option(auto="`auto`: the first of docker, podman and buildah that works.")
@click.option("--secrets", metavar="FILE", help="A `.env` file with values of secrets.")
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
    """Deploy to AWS: verify, build, apply, migrate, release, wait, smoke-test, record.

    Succeeds when the new revision serves, and ends with its outputs. A release
    that fails is rolled back.
    """
    from seatrial.cli import image_options
    from seatrial.cloud.session import Session
    from seatrial.ops.deploy import deploy
    from seatrial.ops.doctor.examine import examined
    from seatrial.ops.outputs import outputs
    from seatrial.ops.verify import refuse, verify

    context = _deploy_context(file, environment or env)
    if not plan_only:
        _require_confirmation(context, yes=yes)
    printer = EventPrinter(quiet=as_json)
    values = source(secrets)
    found = verify(context.app, Session(context.target), values)
    _print_findings(found, as_json=as_json)
    if plan_only:
        options = image_options.options(context, printer, values, engine, pushed=False)
        sys.exit(10 if _print_plan(context, options, as_json=as_json) else 0)
    refuse(found)
    options = image_options.options(context, printer, values, engine)
    if not yes:
        planned = image_options.options(context, printer, values, engine, pushed=False)
        _print_plan(context, planned, as_json=False)
        click.confirm(f"deploy to {_where(context)}?", abort=True, err=True)
    minutes = max(round(found.seconds / 60), 1)
    click.echo(f"deploying to {_where(context)}: about {minutes} min on AWS", err=True)
    printer.progress.expected = found.seconds
    with examined(context.app, Session(context.target), context.target.folder):
        report = deploy(context.app, context.target, options, printer)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(
            f"release {report.release} serves" + (f" at {report.address}" * bool(report.address))
        )
        if reached := outputs(context.app, Session(context.target)):
            click.echo(outputs_command.text(reached))


def _deploy_context(file: str | None, environment: str | None) -> CommandContext:
    from seatrial.appfile import load

    if environment is None:
        known = ", ".join(load.read(app_path(file)).environments)
        raise UsageError(
            Problem(
                "usage-environment",
                "no environment was named",
                f"Name one of: {known}. For a rehearsal, use `seatrial up`.",
            )
        )
    return command_context(file, environment, rehearsal=False)


def _print_findings(found: VerifyReport, *, as_json: bool) -> None:
    """Print findings that do not stop the deploy; errors are raised later."""
    from seatrial.ops.verify import VerifyReport

    warnings = tuple(finding for finding in found.findings if finding.severity != "error")
    if warnings and not as_json:
        click.echo(verify_command.text(VerifyReport(warnings, found.seconds)), err=True)


def _print_plan(context: CommandContext, options: Options, *, as_json: bool) -> bool:
    """Print what would change, and return whether anything would."""
    from seatrial.ops.plan import plan

    report = plan(context.app, context.target, options, EventPrinter(quiet=True))
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else plan_command.text(report))
    return bool(report.changes)


def _where(context: CommandContext) -> str:
    return f"{context.app.environment} in account {context.target.account}, {context.target.region}"


def _require_confirmation(context: CommandContext, *, yes: bool) -> None:

    if not yes and not sys.stdin.isatty():
        raise UsageError(
            Problem(
                "deploy-confirm",
                f"cannot ask to confirm the deploy to {_where(context)}: no terminal",
                "Pass `--yes`.",
            )
        )
