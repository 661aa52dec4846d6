"""Which account the machine's own credentials belong to."""

from __future__ import annotations

from pathlib import Path

from seatrial.cloud.session import Session, told
from seatrial.errors import CredentialsError, Problem
from seatrial.target import Target


def target(environment: str, region: str, wanted: str | None, folder: Path) -> Target:
    """Return AWS as a target; raises CredentialsError for no, or another, account."""
    unknown = Target(environment, "", region, folder)
    with told("to say whose credentials these are"):
        account = Session(unknown).client("sts").get_caller_identity()["Account"]
    if wanted and wanted != account:
        raise CredentialsError(
            Problem(
                "aws-account",
                f"these credentials belong to account {account}; the app file pins "
                f"{environment} to {wanted}",
                "Switch to that account's profile (AWS_PROFILE).",
            )
        )
    return Target(environment, account, region, folder)
