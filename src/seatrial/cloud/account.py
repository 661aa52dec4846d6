"""Which account the machine's own credentials belong to."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime
from pathlib import Path

from seatrial.cloud import credentials
from seatrial.cloud.session import Session, aws_errors
from seatrial.errors import CredentialsError, Problem, UsageError
from seatrial.target import Target, loopback

ATTEMPTS = 4  # attempts of the first question: without a network the answer should come soon
# What a practice account sets beside AWS's own variables: how much shorter its pauses are than
# AWS's, and where it serves the addresses that resolve nowhere.
PACE, FRONT = "SEATRIAL_PACE", "SEATRIAL_FRONT"


def target(environment: str, region: str, wanted: str | None, folder: Path) -> Target:
    """Return AWS, or the practice account that the variables name, as a target.

    Raises CredentialsError for no, or another, account; UsageError for variables of a practice
    account without its endpoint.
    """
    pace, front = _pace(), os.environ.get(FRONT, "")
    session = Session(Target(environment, "", region, folder), ATTEMPTS)
    with aws_errors("to say whose credentials these are"):
        _refuse_elsewhere(session.client("sts").meta.endpoint_url)
        account = session.client("sts").get_caller_identity()["Account"]
    if wanted and wanted != account:
        raise CredentialsError(
            Problem(
                "aws-account",
                f"these credentials belong to account {account}; the app file pins "
                f"{environment} to {wanted}",
                "Switch to that account's profile (AWS_PROFILE).",
            )
        )
    return Target(
        environment,
        account,
        region,
        folder,
        pace=pace,
        quick_provider=pace > 1,
        front=front,
        login=credentials.variables(folder),
    )


def _pace() -> float:
    """Return how much shorter pauses are than AWS's: 1 where nothing is set."""
    text = os.environ.get(PACE) or "1"
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found < math.inf:
        raise _practice(f"{PACE} is `{text}`", "Set it to a positive number, or unset it.")
    return found


def _refuse_elsewhere(endpoint: str) -> None:
    """Refuse a practice account's variables beside any other endpoint.

    With them an account at AWS would be asked without pauses, get builds that no task can run, and
    a smoke test that asks this machine.
    """
    found = [name for name in (PACE, FRONT) if os.environ.get(name)]
    services = (v for k, v in os.environ.items() if k.startswith("AWS_ENDPOINT_URL_") and v)
    other = next((url for url in (endpoint, *services) if not loopback(url)), "")
    if found and other:
        raise _practice(
            f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} set for a practice "
            f"account, but AWS calls go to {other}",
            f"For AWS: `unset {' '.join(found)}`. For practice: set what `seatrial practice` "
            "printed, AWS_ENDPOINT_URL as well.",
        )
    if os.environ.get(FRONT) and not loopback(os.environ[FRONT]):
        raise _practice(
            f"{FRONT} is `{os.environ[FRONT]}`, which is not on this machine",
            "Set what `seatrial practice` printed, or unset it.",
        )


def _practice(message: str, fix: str) -> UsageError:
    return UsageError(Problem("usage-practice", message, fix))


def expires(session: Session) -> datetime | None:
    """Return when the credentials end; None for those that do not, or renew themselves.

    What tools export says it in AWS_CREDENTIAL_EXPIRATION (AWS CLI, ``configure
    export-credentials``).
    """
    stated = os.environ.get("AWS_CREDENTIAL_EXPIRATION", "")
    if session.target.access_key or not stated:
        return None
    try:
        found = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
