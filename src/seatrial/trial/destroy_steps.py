"""The last steps: destroy everything, and check that nothing is left."""

from __future__ import annotations

import psutil

from seatrial.cloud import inventory
from seatrial.ops import destroy as destroying
from seatrial.ops.release.roots import Roots
from seatrial.trial.context import FailedError, TrialContext


def destroy(trial: TrialContext) -> list[str]:
    """Destroy everything, without exporting the buckets."""
    if trial.load:
        trial.load.stop()
    report = destroying.destroy(trial.app, trial.connection, None, trial.emit)
    if report.problems:
        raise FailedError("\n".join(str(problem) for problem in report.problems))
    return [f"retained: {name}" for name in report.retained] or ["nothing was retained"]


def nothing_left(trial: TrialContext) -> list[str]:
    """Look for resources by tag, Terraform state, processes and files that are left."""
    found = inventory.look(trial.session, trial.app.app, trial.app.environment)
    left = [*(f"{t.kind} {t.name}" for t in found.things), *found.unseen]
    if left:
        raise FailedError("left: " + ", ".join(left))
    roots = Roots(trial.session, trial.app.app, trial.emit)
    held = roots.held("foundation") + roots.held("release")
    if held:
        raise FailedError("left in the state: " + ", ".join(held))
    folder = str(trial.folder)
    trial.close()
    running = [p.pid for p in psutil.process_iter() if folder in _command_line(p)]
    if running:
        raise FailedError(f"processes still running: {running}")
    if trial.folder.exists():
        raise FailedError(f"{folder} still exists")
    kinds = ", ".join(inventory.KINDS)
    return [f"none by tag of: {kinds}", "the state is empty; no process, no file"]


def _command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
