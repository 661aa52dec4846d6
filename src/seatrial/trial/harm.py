"""Steps that break something, and see it come back."""

from __future__ import annotations

import time

from seatrial.resources.context import Context
from seatrial.trial import releases
from seatrial.trial.stage import FailedError, Stage
from seatrial_emulator.faults.fault import Fault

AWAY = 1.0  # seconds without an API
SUFFERS = 3.0  # seconds that a fault of what runs holds


def kill_task(stage: Stage) -> list[str]:
    """Kill one task of each service, one service after the other."""
    found = []
    for name in sorted(stage.app.services):
        begin = time.monotonic()
        answer = stage.place.ask("kill", what=name)
        if "error" in answer:
            raise FailedError(str(answer["error"]))
        _until_noticed(stage, answer["killed"][0])
        stage.until_well()
        found.append(f"{name}: replaced in {time.monotonic() - begin:.1f} s")
    return found


def _until_noticed(stage: Stage, task: str) -> None:
    """Wait until ECS itself calls the task stopped: only then can it be replaced."""
    deadline = time.monotonic() + 10
    ecs, cluster = stage.session.client("ecs"), Context(stage.app).name("service")
    while time.monotonic() < deadline:
        if task not in ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]:
            return
        time.sleep(0.05)
    raise FailedError(f"ten seconds after its end, ECS calls {task} running")


def kill_database(stage: Stage) -> list[str]:
    """Kill every database server at once."""
    begin = time.monotonic()
    killed = stage.place.ask("kill", what="/databases")["killed"]
    time.sleep(0.3)
    stage.until_well()
    return [f"{', '.join(killed)}: serves again after {time.monotonic() - begin:.1f} s"]


def kill_api(stage: Stage) -> list[str]:
    """Let AWS's API refuse everything for a moment."""
    stage.place.ask("kill", what="/api", seconds=AWAY)
    time.sleep(AWAY)
    return [f"away for {AWAY:.0f} s; well {stage.until_well():.1f} s after it"]


def fault(stage: Stage, given: Fault) -> list[str]:
    """Play one fault: in a release of its own, or over everything for a while."""
    if given.bites == "release":
        return releases.refused(stage, given)
    begin = time.monotonic()
    stage.place.ask("inject", fault=given.id)
    try:
        time.sleep(SUFFERS)
    finally:
        stage.place.ask("mend")
    meant = stage.load.between(begin, time.monotonic()) if stage.load else []
    slowest = max((answer.seconds for answer in meant), default=0.0)
    failed = sum(answer.failed for answer in meant)
    seconds = stage.until_well()
    return [
        f"for {SUFFERS:.0f} s: {failed} of {len(meant)} requests failed, the slowest took "
        f"{slowest:.1f} s; well {seconds:.1f} s after it"
    ]
