"""Why the balancer's health checks of a service's tasks fail: from ELB, and from a rehearsal more.

ELB says of an unhealthy target that it answered with another code, not in time, or not at all
(ELB user guide, "Target health reason codes"), and of a new one nothing. A rehearsal knows of each
check, and what the program listens on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seatrial.cloud.session import Session, aws_errors

Failure = Literal["refused", "closed", "code", "silent"]
_REASONS: dict[str, Failure] = {
    "Target.ResponseCodeMismatch": "code",
    "Target.Timeout": "silent",
    "Target.FailedHealthChecks": "refused",
}
_KNOWN = ("refused", "closed", "code", "silent")


@dataclass(frozen=True, kw_only=True)
class FailingCheck:
    """A task's health check that fails again and again.

    ``codes`` are the status codes of its answers. Where the program was looked at (``seen``),
    ``seconds`` is its age, ``task`` its ARN, ``listens`` its ``address:port`` and ``answers`` a
    path that does answer well, or the address of a redirect.
    """

    failure: Failure
    port: int
    codes: str = ""
    seen: bool = False
    task: str = ""
    seconds: float = 0.0
    listens: tuple[str, ...] = ()
    answers: str = ""


def failing(session: Session, groups: tuple[str, ...], deployment: str) -> list[FailingCheck]:
    """Return the failing checks of target groups; of each, at least two failed in a row.

    Where single tasks are known, those of one deployment alone are meant.
    """
    look = session.target.health_checks
    if look is None:
        return [check for group in groups for check in _unhealthy(session, group)]
    rows = [r for r in look() if r["group"] in groups and r["deployment"] == deployment]
    return [_seen(row) for row in rows if row["bad"] > 1 and _known(row)]


def _known(row: Mapping[str, Any]) -> bool:
    return row["failure"] in _KNOWN


def _seen(row: Mapping[str, Any]) -> FailingCheck:
    return FailingCheck(
        failure=row["failure"],
        port=int(row["port"]),
        codes=str(row["status"] or ""),
        seen=True,
        task=str(row["task"]),
        seconds=float(row["seconds"]),
        listens=tuple(row["listens"]),
        answers=str(row["answers"]),
    )


def _unhealthy(session: Session, group: str) -> list[FailingCheck]:
    with aws_errors("to describe target health"):
        rows = session.client("elbv2").describe_target_health(TargetGroupArn=group)
    return [
        FailingCheck(
            failure=_REASONS[row["TargetHealth"]["Reason"]],
            port=row["Target"]["Port"],
            codes=row["TargetHealth"].get("Description", "").partition("[")[2].rstrip("]"),
        )
        for row in rows["TargetHealthDescriptions"]
        if row["TargetHealth"]["State"] == "unhealthy"
        and row["TargetHealth"].get("Reason") in _REASONS
    ]
