"""May these credentials do what a deploy does? IAM says it beforehand, where it may be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.cloud import permissions
from seatrial.ops.policy import policies
from seatrial.ops.verify.finding import Case, Finding

SHOWN = 8  # actions that a finding names
# Allowed under conditions that each simulation would need values for: left out.
CONDITIONAL = ("iam:PassRole", "iam:CreateServiceLinkedRole")


def check(case: Case) -> Iterator[Finding]:
    """Report the actions of a deploy that IAM would refuse; a CI's, which never end data."""
    who = permissions.principal(case.session)
    if not who:
        return
    made = policies(case.app, case.session.target.account, "ci")
    rows = [row for each in made for row in each.document["Statement"]]
    refused = [action for row in rows for action in _refused(case, who, row)]
    if refused:
        more = f" and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
        yield Finding(
            code="verify-permissions",
            severity="warning",
            title=f"IAM would refuse {len(refused)} actions that a deploy may need",
            evidence=f"{who}: {', '.join(refused[:SHOWN])}{more}",
            cause="The policies of these credentials do not allow them on the app's resources.",
            fix=f"Attach what `seatrial policy {case.app.environment}` prints.",
        )


def _refused(case: Case, who: str, statement: dict[str, Any]) -> list[str]:
    """Return what of a statement is refused, on the first thing that it is about."""
    listed = statement["Resource"]
    first = listed if isinstance(listed, str) else listed[0]
    resource = first if first == "*" else first.replace("*", "x")
    actions = [action for action in statement["Action"] if action not in CONDITIONAL]
    found = permissions.refused(case.session, who, actions, resource) if actions else ()
    return [action for action, _ in found]
