"""Steps about releases: the first, a good one, two faulty ones, and the rollback."""

from __future__ import annotations

import re
import time

from seatrial.errors import UserError
from seatrial.ops import plan as planning
from seatrial.ops import rollback as rolling
from seatrial.ops import status as reading
from seatrial.rehearsal.requirements import missing_part
from seatrial.rehearsal.snapshots import Variant
from seatrial.trial.context import FailedError, TrialContext, paths
from seatrial.trial.load import Load, send_request
from seatrial_emulator.faults import FAULTS
from seatrial_emulator.faults.fault import Fault

GOOD = Variant("2")
STARTED_SECONDS = 15.0  # within which a deployed app must answer as its file expects


def why_no_rollback(trial: TrialContext) -> str:
    """Return why the rollback is skipped; empty where it is not."""
    alone = "" if len(trial.served) > 1 else "no earlier release has served"
    return missing_part(trial.app, "") or alone


def deploy(trial: TrialContext) -> list[str]:
    """Deploy for the first time."""
    trial.open()
    if trial.observer:
        trial.observer.start()
    report = trial.deploy(Variant("1"))
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    return [f"release {report.release}: {parts}"]


def check_serving(trial: TrialContext) -> list[str]:
    """Check that everything runs and answers, then start the load."""
    trial.wait_until_healthy(STARTED_SECONDS)
    status = reading.status(trial.app, trial.session)
    found = [f"{s.name}: {s.running} of {s.desired} running" for s in status.services]
    found += [f"{noun}: {state}" for noun, state in status.databases.items()]
    if any(s.public for s in trial.app.services.values()):
        for path in paths(trial.app):
            answer = send_request(trial.rehearsal.address, path)
            if answer.failed:
                raise FailedError(f"GET {path}: {answer.status or answer.text}")
            found.append(f"GET {path}: {answer.status} in {answer.seconds * 1000:.0f} ms")
        trial.load = Load(trial.rehearsal.address, paths(trial.app), trial.app.trial.load.rate)
        trial.load.start()
    return found


def good_release(trial: TrialContext) -> list[str]:
    """Release an image that differs only in a label."""
    report = trial.deploy(GOOD)
    trial.wait_until_healthy()
    return [f"release {report.release} serves"]


def crashing_release(trial: TrialContext) -> list[str]:
    """Release an image whose program exits with 1."""
    return faulty_release(trial, FAULTS["exit-1"])


def fading_release(trial: TrialContext) -> list[str]:
    """Release an image whose health check passes at first and fails later."""
    return faulty_release(trial, FAULTS["fading-health"])


def faulty_release(trial: TrialContext, fault: Fault) -> list[str]:
    """Release an image with a fault; it must be rolled back and the cause reported."""
    before, begin = trial.serving(), time.monotonic()
    try:
        report = trial.deploy(Variant(f"with {fault.id}", fault.id))
    except UserError as error:
        reported = str(error)
    else:
        raise FailedError(
            f"release {report.release} has the fault {fault.id} and was reported as a success"
        )
    seconds = time.monotonic() - begin
    if not re.search(fault.expects, reported) and not re.search(
        fault.expects, trial.aws_messages()
    ):
        raise FailedError(f"no message matches /{fault.expects}/; the reported cause:\n{reported}")
    if (now := trial.serving()) != before:
        raise FailedError(f"release {now} is recorded as serving, not {before}")
    trial.wait_until_healthy()
    first = reported.splitlines()[0].partition(": ")[2]
    return [
        f"detected and rolled back in {seconds:.1f} s; release {before} serves",
        f"reported: {first}",
    ]


def roll_back(trial: TrialContext) -> list[str]:
    """Roll back to the previous release."""
    before = trial.serving()
    report = rolling.rollback(trial.app, trial.connection, None, trial.emit)
    trial.served.append(trial.served[-2])
    trial.wait_until_healthy()
    return [f"release {report.release} serves: the one before release {before} again"]


def plan(trial: TrialContext) -> list[str]:
    """Plan the app as it is deployed."""
    report = planning.plan(trial.app, trial.connection, trial.options(trial.served[-1]), trial.emit)
    wrong = [f"{change.address}: {change.action}" for change in report.changes]
    if wrong:
        raise FailedError("a plan would change " + ", ".join(wrong))
    return ["both roots: nothing would change"]
