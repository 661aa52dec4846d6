"""Do the credentials last as long as the deploy? (doctor catalogue, D112; reliability, 11.)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from seatrial.cloud import account
from seatrial.ops.verify.finding import Case, Finding

MARGIN = 300.0  # seconds that should be left at the end


def check(case: Case) -> Iterator[Finding]:
    """Compare the time that the credentials have left with the time that the deploy takes."""
    until = account.expires(case.session)
    if until is None:
        return
    left = (until - datetime.now(UTC)).total_seconds()
    if left < case.expected / case.session.target.pace + MARGIN:
        yield Finding(
            code="verify-credentials",
            severity="error" if left < case.expected / case.session.target.pace else "warning",
            title="the credentials expire before the deploy ends",
            evidence=f"they expire in {max(left, 0) / 60:.0f} minutes; the deploy takes about "
            f"{max(case.expected / 60, 1):.0f}",
            cause="A session of SSO or of an assumed role has a fixed lifetime.",
            fix="Log in again, then deploy.",
        )
