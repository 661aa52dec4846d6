"""The doctor's visit: facts, then findings; and what a command that fails adds to its error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.cloud.session import Session
from seatrial.diagnosis.catalogue import CHECKS
from seatrial.diagnosis.check import Finding, findings
from seatrial.diagnosis.facts import Facts, Said
from seatrial.errors import CredentialsError, LockedError, Problem, UserError
from seatrial.model.app import App
from seatrial.ops.doctor.gather import gather

FAILURE = "failure.json"  # what the last command that failed reported, beside its other files
LARGEST = 1_000_000  # characters that are read of a log


@dataclass(frozen=True)
class DoctorReport:
    """What was found, the worst first; ``unseen`` says what could not be looked at, and why."""

    environment: str
    findings: tuple[Finding, ...]
    unseen: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Return whether nothing is wrong, warnings aside."""
        return all(finding.severity != "error" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "environment": self.environment,
            "findings": [finding.as_json() for finding in self.findings],
            "unseen": list(self.unseen),
        }


def examine(
    app: App, session: Session, said: Iterable[Said] = (), *, in_rehearsal: bool = False
) -> DoctorReport:
    """Look at an environment; raises CredentialsError where AWS does not know who asks."""
    return judge(gather(app, session, said, in_rehearsal=in_rehearsal))


def judge(facts: Facts) -> DoctorReport:
    """Return what the checks find in facts."""
    return DoctorReport(facts.environment, findings(facts, CHECKS), facts.unseen)


def read(path: str, text: str) -> Said:
    """Return the text of a log, such as a CI's, as something that a command said."""
    return Said("error", path, text[-LARGEST:])


def remember(folder: Path, problems: Iterable[Problem]) -> None:
    """Keep what a command that failed reported, for ``seatrial doctor``."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [problem.message for problem in problems if problem.code != "doctor-finding"]
    (folder / FAILURE).write_text(json.dumps(rows), encoding="utf-8")


def forget(folder: Path) -> None:
    """Forget the last failure: a command succeeded since."""
    (folder / FAILURE).unlink(missing_ok=True)


def remembered(folder: Path) -> list[Said]:
    """Return what the last command that failed reported."""
    try:
        rows = json.loads((folder / FAILURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [Said("error", "the last command that failed", str(row)) for row in rows]


def first_finding(
    app: App, session: Session, texts: Iterable[str], *, in_rehearsal: bool
) -> Finding | None:
    """Return the most serious finding after something failed with these texts; None without one.

    Whatever goes wrong while looking hides nothing of the failure.
    """
    said = [Said("error", "the error above", text) for text in texts]
    try:
        found = examine(app, session, said, in_rehearsal=in_rehearsal).findings
    except UserError:
        found = judge(Facts(said=tuple(said), environment=app.environment)).findings
    return next((finding for finding in found if finding.severity == "error"), None)


def with_finding(error: UserError, app: App, session: Session, *, in_rehearsal: bool) -> UserError:
    """Return an error with doctor's first finding added; as it is where doctor finds nothing."""
    texts = [problem.message for problem in error.problems]
    found = first_finding(app, session, texts, in_rehearsal=in_rehearsal)
    return type(error)(*error.problems, found.as_problem()) if found else error


@contextmanager
def examined(app: App, session: Session, folder: Path) -> Iterator[None]:
    """Add doctor's first finding to what a command on AWS fails with, and keep it in a folder.

    Errors of the lock and the credentials say all there is.
    """
    try:
        yield
    except (LockedError, CredentialsError):
        raise
    except UserError as error:
        remember(folder, error.problems)
        raise with_finding(error, app, session, in_rehearsal=False) from error
    forget(folder)
