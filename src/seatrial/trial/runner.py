"""A trial from its first step to its last; everything it started is ended with it."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from seatrial.appfile import load as appfile
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.events import Emit
from seatrial.ops.doctor import examine as doctor
from seatrial.rehearsal import fidelity
from seatrial.rehearsal.requirements import refuse_images
from seatrial.trial import step_file
from seatrial.trial.context import FailedError, TrialContext
from seatrial.trial.load import Answer
from seatrial.trial.report import StepReport, TrialReport
from seatrial.trial.step_file import StepFile
from seatrial.trial.steps import ALWAYS, Step, selected
from seatrial_emulator.faults import FAULTS

ENDING = ("destroy", "nothing-left")  # run even where the app never served
NOT_SERVING = "the app does not serve: see the failed step above"

ReportStep = Callable[[StepReport | Step], None]


@dataclass(frozen=True, kw_only=True)
class TrialOptions:
    """What one trial runs; no ``steps`` means all of them."""

    path: Path
    environment: str
    steps: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    pace: float = 10.0


def run_trial(options: TrialOptions, report_step: ReportStep, emit: Emit) -> TrialReport:
    """Run a trial; ``report_step`` gets each step before and its report after it ran.

    Raises UserError where the app file is wrong; what fails later is in the report.
    """
    file = appfile.read(options.path)
    app = appfile.app_for(file, options.environment)
    refuse_images(app)
    trial = TrialContext(file, app, emit, options.pace)
    begin, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    done: list[StepReport] = []
    steps = selected(options.steps, tuple(FAULTS[name] for name in options.faults))
    written = StepFile(step_file.path_of(file.folder, app.environment), steps)
    try:
        for step in steps:
            report_step(step)
            written.begin(step)
            done.append(_run_step(trial, step, done, begin))
            written.end(done[-1])
            report_step(done[-1])
    finally:
        trial.close()
        written.write("interrupted" if len(done) < len(steps) else "ended")
    report = _report(trial, done, begin, at)
    written.write(report.result)
    return report


def _report(trial: TrialContext, done: list[StepReport], begin: float, at: str) -> TrialReport:
    load, observer, running = trial.load, trial.observer, trial.running
    not_shown = running.not_shown if running else fidelity.not_shown()
    return TrialReport(
        app=trial.app.app,
        environment=trial.app.environment,
        at=at,
        pace=trial.pace,
        sandbox=running.sandbox if running else "",
        seconds=round(time.monotonic() - begin, 2),
        steps=tuple(done),
        not_rehearsed=fidelity.not_rehearsed(trial.app, not_shown, trial.placeholders),
        answers=tuple(sorted(load.answers, key=lambda a: a.at)) if load else (),
        tasks=tuple(observer.tasks.values()) if observer else (),
        deployments=tuple(observer.deployments.values()) if observer else (),
        begin=begin,
    )


def _run_step(trial: TrialContext, step: Step, done: list[StepReport], begin: float) -> StepReport:
    skipped = StepReport(step.name, step.title, "skipped", on_aws=step.on_aws(trial.app))
    if reason := _skip_reason(trial, step, done):
        return replace(skipped, reason=reason, begin=round(time.monotonic() - begin, 2))
    start = time.monotonic()
    evidence, cause = _evidence_or_cause(trial, step)
    end = time.monotonic()
    found = _diagnosis(trial, cause) if cause else ""
    answers = trial.load.between(start, end) if trial.load else []
    failed = [answer for answer in answers if answer.failed]
    if step.no_failures and failed and not cause:
        cause = _failed_requests(failed, len(answers), start)
    return replace(
        skipped,
        result="failed" if cause else "passed",
        begin=round(start - begin, 2),
        seconds=round(end - start, 2),
        evidence=tuple(evidence),
        cause=f"{cause}\n{found}".rstrip(),
        requests=len(answers),
        failed=len(failed),
    )


def _evidence_or_cause(trial: TrialContext, step: Step) -> tuple[list[str], str]:
    """Run a step; return its evidence, and the cause where it failed."""
    try:
        return step.run(trial), ""
    except FailedError as error:
        return [], str(error)
    except UserError as error:
        return [], "\n".join(str(problem) for problem in error.problems)
    except Exception as error:  # a bug of ours: what was started must still be ended
        traceback.print_exc(file=sys.stderr)
        return [], f"a bug in Seatrial: {type(error).__name__}: {error}"


def _diagnosis(trial: TrialContext, cause: str) -> str:
    """Return doctor's first finding after a step failed; empty without one."""
    if trial.running is None:
        return ""
    session = Session(trial.running.target)
    found = doctor.first_finding(trial.app, session, [cause], in_rehearsal=True)
    if found is None:
        return ""
    return f"doctor {found.id}, {found.title}: {found.evidence[0]}; fix: {found.fix}"


def _failed_requests(failed: list[Answer], sent: int, start: float) -> str:
    first = failed[0]
    return (
        f"{len(failed)} of {sent} requests failed; the first, {first.at - start:.1f} s into "
        f"the step: GET {first.path}: {first.status or first.text}"
    )


def _skip_reason(trial: TrialContext, step: Step, done: list[StepReport]) -> str:
    broken = any(s.result == "failed" and s.name in ALWAYS[:2] for s in done)
    if trial.running is None and step.name != "deploy":
        return NOT_SERVING
    if broken and step.name not in ENDING:
        return NOT_SERVING
    return step.skip(trial)
