"""Running ``trial``: a line for each step as it ends, then the report."""

from __future__ import annotations

import json
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import click

from seatrial.cli.options import refuse_unknown
from seatrial.cli.output import plain, table
from seatrial.cli.style import style
from seatrial.errors import Problem, UsageError
from seatrial.events import Event, Note
from seatrial.trial import junit, page
from seatrial.trial.report import StepReport, TrialReport
from seatrial.trial.runner import TrialOptions, run_trial
from seatrial.trial.steps import STEPS, Step

MARKS = {"passed": ("ok", "green"), "failed": ("FAILED", "red"), "skipped": ("skipped", "yellow")}


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """Where a trial's report goes; without files to the terminal alone."""

    html: str | None
    junit: str | None
    as_json: bool


def step_names(text: str) -> tuple[str, ...]:
    """Return the steps that a comma-separated list names; raises UsageError for unknown ones."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    refuse_unknown(
        names,
        (step.name for step in STEPS),
        code="usage-step",
        message="unknown step",
        fix="List them with `seatrial trial --list`.",
    )
    return names


def list_steps() -> None:
    """Print the steps of a trial."""
    click.echo(table([("step", "what must hold"), *((s.name, s.title) for s in STEPS)]))


def run(options: TrialOptions, output: ReportOptions) -> int:
    """Run a trial, print and write its report; return the exit code."""
    for path in (output.html, output.junit):
        _require_folder(path)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _interrupt())
    project, environment = options.path.parent.name, options.environment
    click.echo(f"trial of {project} ({environment}) at pace {options.pace:g}", err=True)
    printer = StepPrinter()
    report = run_trial(options, printer.print_step, printer.print_note)
    if output.html:
        Path(output.html).write_text(page.page(report), encoding="utf-8")
    if output.junit:
        Path(output.junit).write_text(junit.junit(report), encoding="utf-8")
    if output.as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(_summary(report, output))
    return 0 if report.result == "passed" else 1


def _interrupt() -> None:
    raise KeyboardInterrupt


def _require_folder(path: str | None) -> None:
    """Raise UsageError before the trial starts, not after minutes, where a file has no folder."""
    if path and not Path(path).resolve().parent.is_dir():
        raise UsageError(
            Problem(
                "usage-folder",
                f"the folder of {path} does not exist",
                "Create it, or name another file.",
            )
        )


class StepPrinter:
    """Prints each step, and on a terminal the notes in between, to standard error."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.notes: set[str] = set()

    def print_note(self, event: Event) -> None:
        """Print a note, once."""
        if isinstance(event, Note) and event.text not in self.notes:
            with self.lock:
                self.notes.add(event.text)
                if sys.stderr.isatty():
                    click.echo(style(f"           {event.text}", dim=True), err=True)

    def print_step(self, step: StepReport | Step) -> None:
        """Print that a step begins (on a terminal only), or how it ended."""
        if isinstance(step, Step):
            if sys.stderr.isatty():
                click.echo(f"  ...      {step.name}", err=True, nl=False)
            return
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)
        for line in lines(step):
            click.echo(line, err=True)


def lines(step: StepReport) -> list[str]:
    """Return the lines about a step: its result, its requests, its evidence or its cause."""
    mark, colour = MARKS[step.result]
    head = f"  {style(f'{mark:<8}', fg=colour)} {step.name:<18}"
    if step.result == "skipped":
        return [f"{head}         {step.reason}"]
    load = f"  {step.failed} of {step.requests} requests failed" if step.requests else ""
    found = [f"{head} {step.seconds:6.1f} s{load}"]
    found += [f"           {' ' * 18} {plain(text)}" for text in step.evidence]
    found += [
        style(f"           {plain(text)}", fg="red")
        for text in step.cause.splitlines()
        if text.strip()
    ]
    return found


def _summary(report: TrialReport, output: ReportOptions) -> str:
    failed = sum(answer.failed for answer in report.answers)
    _, colour = MARKS[report.result]
    head = style(report.result, fg=colour, bold=True)
    expected = sum(step.on_aws for step in report.steps if step.result != "skipped")
    found = [
        "",
        f"  {head}   {report.count('passed')} passed, {report.count('failed')} failed, "
        f"{report.count('skipped')} skipped; {failed} of {len(report.answers)} requests failed",
        f"  took     {report.seconds:.1f} s at pace {report.pace:g}; on AWS these steps take "
        f"about {max(round(expected / 60), 1)} min",
        f"  sandbox  {report.sandbox}",
        "",
        "  not rehearsed here (AWS may differ):",
        *(f"    - {text}" for text in report.not_rehearsed),
    ]
    written = [path for path in (output.html, output.junit) if path]
    found += ["", *(f"  wrote    {path}" for path in written)] if written else []
    return "\n".join([*found, ""])
