"""The last steps: destroy, and the proof that nothing is left."""

from __future__ import annotations

import psutil

from seatrial.cloud import inventory
from seatrial.ops import destroy as destroying
from seatrial.ops.release.roots import Roots
from seatrial.trial.stage import FailedError, Stage


def destroy(stage: Stage) -> list[str]:
    """Destroy everything, without an export of the buckets."""
    if stage.load:
        stage.load.stop()
    report = destroying.destroy(stage.app, stage.desk, None, stage.emit)
    if report.problems:
        raise FailedError("\n".join(str(problem) for problem in report.problems))
    return [f"kept: {name}" for name in report.kept] or ["nothing was kept"]


def nothing_left(stage: Stage) -> list[str]:
    """Ask the API by tag, the state, the machine's processes and the disk."""
    left = inventory.find(stage.session, stage.app.app, stage.app.environment)
    if left:
        raise FailedError("left: " + ", ".join(f"{t.kind} {t.name}" for t in left))
    roots = Roots(stage.session, stage.app.app, stage.emit)
    held = roots.held("foundation") + roots.held("release")
    if held:
        raise FailedError("left in the state: " + ", ".join(held))
    folder = str(stage.folder)
    stage.close()
    running = [p.pid for p in psutil.process_iter() if folder in _words(p)]
    if running:
        raise FailedError(f"processes {running} still run")
    if stage.folder.exists():
        raise FailedError(f"{folder} is still there")
    asked = ", ".join(inventory.KINDS)
    return [f"none by tag of: {asked}", "the state is empty; no process, no file"]


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
