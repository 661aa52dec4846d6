"""Steps about releases: the first, a good one, two bad ones, and the way back."""

from __future__ import annotations

import re
import time

from seatrial.errors import UserError
from seatrial.ops import plan as planning
from seatrial.ops import rollback as rolling
from seatrial.ops import status as reading
from seatrial.rehearsal.snapshots import Variant
from seatrial.rehearsal.up import lacks
from seatrial.trial.load import Load, ask
from seatrial.trial.stage import FailedError, Stage, paths
from seatrial_emulator.faults import FAULTS
from seatrial_emulator.faults.fault import Fault

GOOD = Variant("2")
SETTLES = 15.0  # seconds: after a deploy that came to serve, only answers can still be wrong


def no_other(stage: Stage) -> str:
    """Say why the rollback is skipped."""
    alone = "" if len(stage.served) > 1 else "no other release served before"
    return lacks(stage.app, "") or alone


def deploy(stage: Stage) -> list[str]:
    """Deploy for the first time."""
    stage.open()
    if stage.watch:
        stage.watch.start()
    report = stage.deploy(Variant("1"))
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    return [f"release {report.release}: {parts}"]


def serving(stage: Stage) -> list[str]:
    """See that everything runs and answers; from here on the load runs."""
    stage.until_well(SETTLES)
    status = reading.status(stage.app, stage.session)
    found = [f"{s.name}: {s.running} of {s.desired} running" for s in status.services]
    found += [f"{noun}: {state}" for noun, state in status.databases.items()]
    if any(s.public for s in stage.app.services.values()):
        for path in paths(stage.app):
            answer = ask(stage.place.address, path)
            if answer.failed:
                raise FailedError(f"GET {path}: {answer.status or answer.text}")
            found.append(f"GET {path}: {answer.status} in {answer.seconds * 1000:.0f} ms")
        stage.load = Load(stage.place.address, paths(stage.app), stage.app.trial.load.rate)
        stage.load.start()
    return found


def good(stage: Stage) -> list[str]:
    """Release an image that differs by a label alone."""
    report = stage.deploy(GOOD)
    stage.until_well()
    return [f"release {report.release} serves"]


def crash(stage: Stage) -> list[str]:
    """Release an image whose program exits with 1."""
    return refused(stage, FAULTS["exit-1"])


def fading(stage: Stage) -> list[str]:
    """Release an image whose health check is good for a while."""
    return refused(stage, FAULTS["fading-health"])


def refused(stage: Stage, fault: Fault) -> list[str]:
    """Release an image with a fault; the release before must serve after it, the cause be told."""
    before, begin = stage.serving(), time.monotonic()
    try:
        report = stage.deploy(Variant(f"with {fault.id}", fault.id))
    except UserError as error:
        said = str(error)
    else:
        raise FailedError(f"release {report.release} has {fault.id} and was called a success")
    seconds = time.monotonic() - begin
    if not re.search(fault.expects, said) and not re.search(fault.expects, stage.shown()):
        raise FailedError(f"nothing says /{fault.expects}/; the cause that was told:\n{said}")
    if (now := stage.serving()) != before:
        raise FailedError(f"release {now} is called the serving one, not {before}")
    stage.until_well()
    first = said.splitlines()[0].partition(": ")[2]
    return [f"noticed and put back in {seconds:.1f} s; release {before} serves", f"told: {first}"]


def back(stage: Stage) -> list[str]:
    """Roll back to the release before."""
    before = stage.serving()
    report = rolling.rollback(stage.app, stage.desk, None, stage.emit)
    stage.served.append(stage.served[-2])
    stage.until_well()
    return [f"release {report.release} is the release before {before} again"]


def plan(stage: Stage) -> list[str]:
    """Plan the app as it is deployed."""
    report = planning.plan(stage.app, stage.desk, stage.options(stage.served[-1]), stage.emit)
    wrong = [f"{change.address}: {change.action}" for change in report.changes]
    if wrong:
        raise FailedError("a plan would change " + ", ".join(wrong))
    return ["both roots: nothing would change"]
