"""What a trial found: frozen, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from seatrial.trial.load import Answer
from seatrial.trial.observer import StateHistory

Result = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class StepReport:
    """One step; ``begin`` is in seconds from the trial's start, ``on_aws`` what AWS would take."""

    name: str
    title: str
    result: Result
    begin: float = 0.0
    seconds: float = 0.0
    evidence: tuple[str, ...] = ()
    cause: str = ""
    reason: str = ""
    requests: int = 0
    failed: int = 0
    on_aws: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {**self.__dict__, "evidence": list(self.evidence)}


@dataclass(frozen=True, kw_only=True)
class TrialReport:
    """A whole trial; times in seconds, ``at`` when it began (ISO 8601, UTC)."""

    app: str
    environment: str
    at: str
    pace: float
    sandbox: str
    seconds: float
    steps: tuple[StepReport, ...]
    not_rehearsed: tuple[str, ...]
    answers: tuple[Answer, ...] = ()
    tasks: tuple[StateHistory, ...] = ()
    deployments: tuple[StateHistory, ...] = ()
    begin: float = 0.0  # of the trial, on the monotonic clock of the answers and histories

    @property
    def result(self) -> Result:
        """Return ``passed`` where no step failed."""
        return "failed" if any(s.result == "failed" for s in self.steps) else "passed"

    def count(self, result: Result) -> int:
        """Return how many steps ended so."""
        return sum(step.result == result for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        failed = sum(answer.failed for answer in self.answers)
        return {
            "result": self.result,
            "app": self.app,
            "environment": self.environment,
            "at": self.at,
            "seconds": self.seconds,
            "pace": self.pace,
            "sandbox": self.sandbox,
            "requests": {"sent": len(self.answers), "failed": failed},
            "steps": [step.as_json() for step in self.steps],
            "not_rehearsed": list(self.not_rehearsed),
        }
