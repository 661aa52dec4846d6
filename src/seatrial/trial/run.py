"""A trial from its first step to its last; whatever happens, nothing stays behind."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from seatrial.appfile import load as appfile
from seatrial.errors import UserError
from seatrial.events import Emit
from seatrial.rehearsal import fidelity
from seatrial.rehearsal.up import refuse_images
from seatrial.trial.report import StepReport, TrialReport
from seatrial.trial.stage import FailedError, Stage
from seatrial.trial.steps import ALWAYS, Step, chosen
from seatrial_emulator.faults import FAULTS

Report = Callable[[StepReport | Step], None]
ENDING = ("destroy", "nothing-left")  # what was started comes to its end, whatever happened
NOT_SERVING = "the app does not serve: see the step before"


def trial(
    path: Path,
    environment: str,
    only: tuple[str, ...],
    faults: tuple[str, ...],
    pace: float,
    report_step: Report,
    emit: Emit,
) -> TrialReport:
    """Run a trial; ``told`` hears of each step before and after it. Raises UserError for the
    app file alone: what goes wrong later is in the report.
    """
    file = appfile.read(path)
    app = appfile.app_for(file, environment)
    refuse_images(app)
    stage = Stage(file, app, emit, pace)
    begin, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    done: list[StepReport] = []
    try:
        for step in chosen(only, tuple(FAULTS[name] for name in faults)):
            report_step(step)
            done.append(_step(stage, step, done, begin))
            report_step(done[-1])
    finally:
        stage.close()
    return _report(stage, done, begin, at)


def _report(stage: Stage, done: list[StepReport], begin: float, at: str) -> TrialReport:
    load, watch, running = stage.load, stage.watch, stage.running
    dummies = [f"the value of the secret {n} (a dummy stands for it)" for n in stage.dummies]
    others = fidelity.of_others(stage.app.sections)
    not_shown = running.not_shown if running else fidelity.not_shown()
    return TrialReport(
        stage.app.app,
        stage.app.environment,
        at,
        stage.pace,
        running.wire if running else "",
        round(time.monotonic() - begin, 2),
        tuple(done),
        (*(t for t in not_shown if t not in others), *dict.fromkeys(dummies)),
        tuple(sorted(load.answers, key=lambda a: a.at)) if load else (),
        tuple(watch.tasks.values()) if watch else (),
        tuple(watch.deployments.values()) if watch else (),
        begin,
    )


def _step(stage: Stage, step: Step, done: list[StepReport], begin: float) -> StepReport:
    empty = StepReport(step.name, step.title, "skipped", on_aws=step.on_aws(stage.app))
    if reason := _why_not(stage, step, done):
        return replace(empty, reason=reason, begin=round(time.monotonic() - begin, 2))
    start = time.monotonic()
    evidence: list[str] = []
    cause = ""
    try:
        evidence = step.run(stage)
    except FailedError as error:
        cause = str(error)
    except UserError as error:
        cause = "\n".join(str(problem) for problem in error.problems)
    except Exception as error:  # a mistake of ours: what was started must still come to its end
        traceback.print_exc(file=sys.stderr)
        cause = f"a mistake of Seatrial's: {type(error).__name__}: {error}"
    end = time.monotonic()
    meant = stage.load.between(start, end) if stage.load else []
    bad = [answer for answer in meant if answer.failed]
    if step.unbroken and bad and not cause:
        first = bad[0]
        cause = (
            f"{len(bad)} of {len(meant)} requests failed; the first, {first.at - start:.1f} s into "
            f"the step: GET {first.path}: {first.status or first.text}"
        )
    return replace(
        empty,
        result="failed" if cause else "passed",
        begin=round(start - begin, 2),
        seconds=round(end - start, 2),
        evidence=tuple(evidence),
        cause=cause,
        requests=len(meant),
        failed=len(bad),
    )


def _why_not(stage: Stage, step: Step, done: list[StepReport]) -> str:
    broken = any(s.result == "failed" and s.name in ALWAYS[:2] for s in done)
    if stage.running is None and step.name != "deploy":
        return NOT_SERVING
    if broken and step.name not in ENDING:
        return NOT_SERVING
    return step.skip(stage)
