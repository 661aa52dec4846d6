"""Steps that break something and wait until it has recovered."""

from __future__ import annotations

import time

from seatrial.resources.context import Context
from seatrial.trial import release_steps
from seatrial.trial.context import FailedError, TrialContext
from seatrial_emulator.faults.fault import Fault

OUTAGE_SECONDS = 1.0  # of AWS's API
FAULT_SECONDS = 3.0  # a fault of running tasks lasts


def kill_task(trial: TrialContext) -> list[str]:
    """Kill one task of each service, one service after the other."""
    found = []
    for name in sorted(trial.app.services):
        begin = time.monotonic()
        answer = trial.rehearsal.call("kill", what=name)
        if "error" in answer:
            raise FailedError(str(answer["error"]))
        _wait_until_stopped(trial, answer["killed"][0])
        trial.wait_until_healthy()
        found.append(f"{name}: replaced in {time.monotonic() - begin:.1f} s")
    return found


def _wait_until_stopped(trial: TrialContext, task: str) -> None:
    """Wait until ECS itself reports the task as stopped: only then is it replaced."""
    deadline = time.monotonic() + 10
    ecs, cluster = trial.session.client("ecs"), Context(trial.app).name("service")
    while time.monotonic() < deadline:
        if task not in ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]:
            return
        time.sleep(0.05)
    raise FailedError(f"ECS still reports {task} as running, ten seconds after it ended")


def kill_database(trial: TrialContext) -> list[str]:
    """Kill every database server at once."""
    begin = time.monotonic()
    killed = trial.rehearsal.call("kill", what="/databases")["killed"]
    time.sleep(0.3)
    trial.wait_until_healthy()
    return [f"{', '.join(killed)}: healthy again after {time.monotonic() - begin:.1f} s"]


def kill_api(trial: TrialContext) -> list[str]:
    """Let AWS's API fail every request for a moment."""
    trial.rehearsal.call("kill", what="/api", seconds=OUTAGE_SECONDS)
    time.sleep(OUTAGE_SECONDS)
    seconds = trial.wait_until_healthy()
    return [f"an outage of {OUTAGE_SECONDS:.0f} s; healthy {seconds:.1f} s after it"]


def inject_fault(trial: TrialContext, fault: Fault) -> list[str]:
    """Inject one fault: into a release of its own, or into all tasks for a while."""
    if fault.applies_to == "release":
        return release_steps.faulty_release(trial, fault)
    begin = time.monotonic()
    trial.rehearsal.call("inject", fault=fault.id)
    try:
        time.sleep(FAULT_SECONDS)
    finally:
        trial.rehearsal.call("clear")
    sent = trial.load.between(begin, time.monotonic()) if trial.load else []
    slowest = max((answer.seconds for answer in sent), default=0.0)
    failed = sum(answer.failed for answer in sent)
    seconds = trial.wait_until_healthy()
    return [
        f"for {FAULT_SECONDS:.0f} s: {failed} of {len(sent)} requests failed, the slowest took "
        f"{slowest:.1f} s; healthy {seconds:.1f} s after it"
    ]
