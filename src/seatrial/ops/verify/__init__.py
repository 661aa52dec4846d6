"""Verify: what would make a deploy fail, found in a few read-only calls before anything changes.

One check a file; a check that AWS does not answer is a finding too, never a success.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from seatrial.cloud.session import Session
from seatrial.errors import CredentialsError, UserError
from seatrial.model.app import App
from seatrial.ops import expected_times
from seatrial.ops.release import record
from seatrial.ops.verify import credentials, databases, images, models, permissions, quotas, secrets
from seatrial.ops.verify.finding import Case, Check, Finding, unchecked

CHECKS: dict[str, Check] = {
    "credentials": credentials.check,
    "secrets": secrets.check,
    "images": images.check,
    "databases": databases.check,
    "models": models.check,
    "quotas": quotas.check,
    "permissions": permissions.check,
}
ORDER = ("error", "warning", "unchecked")


@dataclass(frozen=True)
class VerifyReport:
    """Everything that was found, the worst first; ``seconds`` is how long a deploy takes on AWS."""

    findings: tuple[Finding, ...]
    seconds: int

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return what would make a deploy fail."""
        return tuple(f for f in self.findings if f.severity == "error")

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {"findings": [finding.as_json() for finding in self.findings]}


def verify(app: App, session: Session, source: Callable[[str], str | None]) -> VerifyReport:
    """Look at everything; raises CredentialsError where AWS does not know who asks."""
    first = record.serving(session, app.app) is None
    seconds = expected_times.first_deploy(app) if first else expected_times.release(app)
    case = Case(app, session, source, seconds)
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        running = [pool.submit(_checked, name, check, case) for name, check in CHECKS.items()]
        every = [finding for part in running for finding in part.result()]
    return VerifyReport(tuple(sorted(every, key=lambda f: ORDER.index(f.severity))), seconds)


def refuse(report: VerifyReport) -> None:
    """Raise UserError with every error that was found."""
    if report.errors:
        raise UserError(*(finding.as_problem() for finding in report.errors))


def _checked(name: str, check: Check, case: Case) -> list[Finding]:
    try:
        return list(check(case))
    except CredentialsError:
        raise
    except UserError as error:
        return [unchecked(name, error)]
