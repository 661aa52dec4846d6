"""What the caller's own policies allow, as IAM itself says it (SimulatePrincipalPolicy)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.cloud.session import Session, aws_errors

AT_ONCE = 50  # actions of one call


def principal(session: Session) -> str:
    """Return the ARN of the user or role that asks; empty for one without policies of its own."""
    with aws_errors("to say whose credentials these are"):
        arn = str(session.client("sts").get_caller_identity()["Arn"])
        kind, _, name = arn.rpartition(":")[2].partition("/")
        if kind == "user":
            return arn
        if kind == "assumed-role":  # its path stands in the role's own ARN alone
            role = session.client("iam").get_role(RoleName=name.partition("/")[0])["Role"]
            return str(role["Arn"])
    return ""


def refused(
    session: Session, who: str, actions: Sequence[str], resource: str
) -> Iterator[tuple[str, str]]:
    """Yield each action that IAM would refuse on a resource, with IAM's word for it."""
    context = [
        {
            "ContextKeyName": "aws:RequestedRegion",
            "ContextKeyValues": [session.target.region],
            "ContextKeyType": "string",
        }
    ]
    iam = session.client("iam")
    with aws_errors("to say what these credentials may do"):
        for start in range(0, len(actions), AT_ONCE):
            pages = iam.get_paginator("simulate_principal_policy").paginate(
                PolicySourceArn=who,
                ActionNames=list(actions[start : start + AT_ONCE]),
                ResourceArns=[resource],
                ContextEntries=context,  # type: ignore[arg-type]
            )
            for page in pages:
                for row in page["EvaluationResults"]:
                    if row["EvalDecision"] != "allowed":
                        yield row["EvalActionName"], row["EvalDecision"]
