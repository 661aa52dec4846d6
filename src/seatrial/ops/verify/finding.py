"""What ``verify`` finds: the evidence, the cause, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from seatrial.cloud.session import Session
from seatrial.errors import Problem
from seatrial.model.app import App

Severity = Literal["error", "warning", "unchecked"]


@dataclass(frozen=True)
class Finding:
    """One thing that would make a deploy fail (error), might (warning), or could not be looked at.

    ``evidence`` is what AWS or the app file says, never a secret's value.
    """

    code: str
    severity: Severity
    title: str
    evidence: str
    cause: str
    fix: str
    key: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)

    def as_problem(self) -> Problem:
        """Return the finding as the reason why a deploy does not begin."""
        return Problem(self.code, f"{self.title}: {self.evidence}", self.fix, self.key)


@dataclass(frozen=True)
class Case:
    """What is verified; ``source`` gives values of secrets that are set by hand."""

    app: App
    session: Session
    source: Callable[[str], str | None]
    expected: int  # seconds that the deploy is expected to take on AWS


Check = Callable[[Case], Iterable[Finding]]


def unchecked(what: str, error: Exception) -> Finding:
    """Return the finding that something could not be looked at."""
    first = str(error).splitlines()[0]
    return Finding(
        code="verify-unchecked",
        severity="unchecked",
        title=f"{what} could not be checked",
        evidence=first,
        cause="AWS did not answer, or these credentials lack the permission.",
        fix="If the deploy fails, allow the call that is named.",
    )
