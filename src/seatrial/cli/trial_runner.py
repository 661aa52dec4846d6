"""How ``trial`` talks: each step as it ends, then where the report lies."""

from __future__ import annotations

import json
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import click

from seatrial.cli.options import among
from seatrial.cli.output import plain, table
from seatrial.errors import Problem, UsageError
from seatrial.events import Event, Note
from seatrial.trial import junit as junits
from seatrial.trial import page
from seatrial.trial.report import StepReport, TrialReport
from seatrial.trial.run import trial
from seatrial.trial.steps import STEPS, Step

MARKS = {"passed": ("ok", "green"), "failed": ("FAILED", "red"), "skipped": ("skipped", "yellow")}


@dataclass(frozen=True)
class Asked:
    """What somebody who types ``trial`` wants."""

    path: Path
    env: str
    steps: tuple[str, ...]
    faults: tuple[str, ...]
    pace: float
    html: str | None
    junit: str | None
    as_json: bool


def names(text: str) -> tuple[str, ...]:
    """Return the steps that a list with commas names; raises UsageError for unknown ones."""
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    said = ("usage-step", "a trial has no step", "`seatrial trial --list` names them.")
    among(found, (step.name for step in STEPS), said)
    return found


def list_steps() -> None:
    """Print the steps of a trial."""
    click.echo(table([("step", "what must hold"), *((s.name, s.title) for s in STEPS)]))


def run(asked: Asked) -> int:
    """Run a trial, print and write its report; return the exit code."""
    for path in (asked.html, asked.junit):
        _writable(path)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _interrupt())
    talk = _Talk()
    click.echo(f"trial of {asked.path.parent.name} ({asked.env}) at pace {asked.pace:g}", err=True)
    report = trial(
        asked.path, asked.env, asked.steps, asked.faults, asked.pace, talk.reported, talk.event
    )
    if asked.html:
        Path(asked.html).write_text(page.page(report), encoding="utf-8")
    if asked.junit:
        Path(asked.junit).write_text(junits.junit(report), encoding="utf-8")
    if asked.as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(_summary(report, asked))
    return 0 if report.result == "passed" else 1


def _interrupt() -> None:
    raise KeyboardInterrupt


def _writable(path: str | None) -> None:
    """A report that cannot be written must be known before a minute has passed."""
    if path and not Path(path).resolve().parent.is_dir():
        raise UsageError(
            Problem(
                "usage-folder", f"there is no folder for {path}", "Make it, or name another file."
            )
        )


class _Talk:
    """Says on standard error what happens, a line for each step."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.noted: set[str] = set()

    def event(self, event: Event) -> None:
        """Say what a verb noted, once."""
        if isinstance(event, Note) and event.text not in self.noted:
            with self.lock:
                self.noted.add(event.text)
                if sys.stderr.isatty():
                    click.echo(click.style(f"           {event.text}", dim=True), err=True)

    def reported(self, step: StepReport | Step) -> None:
        """Say that a step begins (where somebody watches), or how it ended."""
        if isinstance(step, Step):
            if sys.stderr.isatty():
                click.echo(f"  ...      {step.name}", err=True, nl=False)
            return
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)
        for line in lines(step):
            click.echo(line, err=True)


def lines(step: StepReport) -> list[str]:
    """Return what is said of a step: its result, its requests, its evidence or its cause."""
    mark, colour = MARKS[step.result]
    head = f"  {click.style(f'{mark:<8}', fg=colour)} {step.name:<18}"
    if step.result == "skipped":
        return [f"{head}         {step.reason}"]
    load = f"  {step.failed} of {step.requests} requests failed" if step.requests else ""
    found = [f"{head} {step.seconds:6.1f} s{load}"]
    found += [f"           {' ' * 18} {plain(text)}" for text in step.evidence]
    found += [
        click.style(f"           {plain(text)}", fg="red")
        for text in step.cause.splitlines()
        if text.strip()
    ]
    return found


def _summary(report: TrialReport, asked: Asked) -> str:
    failed = sum(answer.failed for answer in report.answers)
    word, colour = MARKS[report.result]
    head = click.style("passed" if word == "ok" else "failed", fg=colour, bold=True)
    expected = sum(step.on_aws for step in report.steps if step.result != "skipped")
    found = [
        "",
        f"  {head}   {report.count('passed')} passed, {report.count('failed')} failed, "
        f"{report.count('skipped')} skipped; {failed} of {len(report.answers)} requests failed",
        f"  took     {report.seconds:.1f} s at pace {report.pace:g}; on AWS these steps take "
        f"about {max(round(expected / 60), 1)} min",
        f"  wire     {report.wire}",
        "",
        "  not rehearsed here (AWS may differ):",
        *(f"    - {text}" for text in report.not_rehearsed),
    ]
    written = [path for path in (asked.html, asked.junit) if path]
    found += ["", *(f"  wrote    {path}" for path in written)] if written else []
    return "\n".join([*found, ""])
