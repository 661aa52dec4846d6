"""The steps of a trial in a file beside it, written as they run: who looks on reads it.

It lies next to the trial's own folder, which a trial deletes, and stays until the next trial.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.trial.report import StepReport
from seatrial.trial.steps import Step

WAITING, RUNNING = "waiting", "running"


def folder_of(project: Path, environment: str) -> Path:
    """Return the folder of an environment's trial."""
    return project / ".seatrial" / f"trial-{environment}"


def path_of(project: Path, environment: str) -> Path:
    """Return the file of an environment's trial."""
    return folder_of(project, environment).with_suffix(".json")


def read(path: Path) -> dict[str, Any] | None:
    """Return the steps as JSON; None where no trial ran."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


@dataclass
class StepFile:
    """Writes the file: every step with its result, ``waiting`` and ``running`` among them.

    ``began`` and ``ended`` are seconds since 1970, 0 where that is not yet.
    """

    path: Path
    steps: tuple[Step, ...]
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    rows: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = {
            step.name: StepReport(step.name, step.title, "skipped").as_json()
            | {"result": WAITING, "began": 0.0, "ended": 0.0}
            for step in self.steps
        }
        self.write("")

    def begin(self, step: Step) -> None:
        """Write that a step runs."""
        self.rows[step.name] |= {"result": RUNNING, "began": time.time()}
        self.write("")

    def end(self, report: StepReport) -> None:
        """Write how a step ended."""
        self.rows[report.name] |= report.as_json() | {"ended": time.time()}
        self.write("")

    def write(self, result: str) -> None:
        """Write the file whole; ``result`` is the trial's, empty while it runs."""
        body = {"at": self.at, "result": result, "steps": list(self.rows.values())}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(body), encoding="utf-8")
        part.replace(self.path)
