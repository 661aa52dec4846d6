"""``seatrial doctor``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import app_path, command_context, environment_options
from seatrial.cli.output import plain
from seatrial.cli.style import style
from seatrial.diagnosis.facts import Facts, Said
from seatrial.errors import Problem, UsageError

if TYPE_CHECKING:
    from seatrial.diagnosis.check import Finding
    from seatrial.ops.doctor.examine import DoctorReport

COLOURS = {"error": "red", "warning": "yellow"}


@click.command()
@environment_options
@click.option(
    "--log",
    metavar="FILE",
    help="Read the output of a command that failed, such as a CI's log, and nothing else; `-` is "
    "standard input.",
)
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    rehearsal: bool,
    as_json: bool,
    log: str | None,
) -> None:
    """Find out why something does not run: evidence, cause, fix and what to type.

    Looks at services, tasks, logs, health checks, network, secrets, databases, certificates and
    sites, and at what the last command reported if it failed. Changes nothing; exits with 1 if
    something is wrong.
    """
    report = (
        _of_log(log, environment or env) if log else _report(file, environment or env, rehearsal)
    )
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else text(report))
    sys.exit(0 if report.well else 1)


def _of_log(log: str, environment: str | None) -> DoctorReport:
    from seatrial.ops.doctor.examine import judge, read

    try:
        found = sys.stdin.read() if log == "-" else Path(log).read_text(errors="replace")
    except OSError as error:
        fix = "Name the file of a log, or `-`."
        raise UsageError(Problem("usage-file", f"{log} cannot be read: {error}", fix)) from error
    return judge(Facts(environment=environment or "dev", said=(read(log, found),)))


def _report(file: str | None, env: str | None, rehearsal: bool) -> DoctorReport:
    from seatrial.cloud.session import Session
    from seatrial.ops.doctor.examine import examine, remembered

    try:
        context = command_context(file, env, rehearsal=rehearsal)
    except UsageError as error:
        if said := _of_ended_rehearsal(file, env):
            return _judged(said, env)
        raise error from None
    folder = _folder(context.file.folder, context.app.environment, context.in_rehearsal)
    return examine(
        context.app,
        Session(context.target),
        remembered(folder),
        in_rehearsal=context.in_rehearsal,
    )


def _judged(said: list[Said], env: str | None) -> DoctorReport:
    from seatrial.ops.doctor.examine import judge

    return judge(Facts(environment=env or "dev", in_rehearsal=True, said=tuple(said)))


def _of_ended_rehearsal(file: str | None, env: str | None) -> list[Said]:
    """Return what a rehearsal reported that failed and ended."""
    from seatrial.ops.doctor.examine import remembered

    return remembered(_folder(app_path(file).parent, env or "dev", True))


def _folder(project: Path, environment: str, rehearsal: bool) -> Path:
    return project / ".seatrial" / (environment if rehearsal else f"aws-{environment}")


def text(report: DoctorReport) -> str:
    """Return a report for the terminal."""
    lines = [line for finding in report.findings for line in (*_lines(finding), "")]
    lines += [f"not looked at: {plain(each)}" for each in report.unseen]
    if not report.findings:
        lines.append(f"nothing is wrong with {report.environment}")
    elif len(report.findings) > 1:
        lines.append(
            "Fix the first one, then run `seatrial doctor` again: one fault hides another."
        )
    return "\n".join(lines).rstrip()


def _lines(finding: Finding) -> list[str]:
    head = style(f"{finding.severity} {finding.id}", fg=COLOURS[finding.severity], bold=True)
    where = f" ({finding.service})" if finding.service else ""
    return [
        f"{head}  {finding.title}{where}",
        *(f"  evidence  {plain(each)}" for each in finding.evidence),
        f"  cause     {finding.cause}",
        f"  fix       {finding.fix}",
        f"  type      {finding.command}",
    ]
