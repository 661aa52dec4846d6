"""Which account the machine's own credentials belong to."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from seatrial.cloud.session import Session, aws_errors
from seatrial.errors import CredentialsError, Problem
from seatrial.target import Target

ASKED = 4  # attempts of the first question: without a network the answer should come soon
# What a practice account sets beside AWS's own variables: how much shorter its pauses are than
# AWS's, and where it serves the addresses that resolve nowhere.
PACE, FRONT = "SEATRIAL_PACE", "SEATRIAL_FRONT"


def target(environment: str, region: str, wanted: str | None, folder: Path) -> Target:
    """Return AWS as a target; raises CredentialsError for no, or another, account."""
    unknown = Target(environment, "", region, folder)
    with aws_errors("to say whose credentials these are"):
        account = Session(unknown, ASKED).client("sts").get_caller_identity()["Account"]
    if wanted and wanted != account:
        raise CredentialsError(
            Problem(
                "aws-account",
                f"these credentials belong to account {account}; the app file pins "
                f"{environment} to {wanted}",
                "Switch to that account's profile (AWS_PROFILE).",
            )
        )
    pace = float(os.environ.get(PACE) or 1)
    return Target(
        environment,
        account,
        region,
        folder,
        pace=pace,
        quick_provider=pace > 1,
        front=os.environ.get(FRONT, ""),
    )


def expires(session: Session) -> datetime | None:
    """Return when the credentials end; None for those that do not, or renew themselves.

    What tools export says it in AWS_CREDENTIAL_EXPIRATION (AWS CLI, ``configure
    export-credentials``).
    """
    told_so = os.environ.get("AWS_CREDENTIAL_EXPIRATION", "")
    if session.target.access_key or not told_so:
        return None
    try:
        found = datetime.fromisoformat(told_so)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
