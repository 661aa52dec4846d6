"""Every check of the doctor, and what a reason alone says to do."""

from __future__ import annotations

from seatrial.diagnosis.check import Check, Evidence
from seatrial.diagnosis.checks import (
    account,
    balancer,
    bedrock,
    cognito,
    containers,
    ecs,
    edge,
    images,
    rds,
    values,
)
from seatrial.diagnosis.facts import Facts, Said

FAMILIES = (
    images,
    values,
    containers,
    rds,
    ecs,
    balancer,
    cognito,
    bedrock,
    edge,
    account,
)
CHECKS: tuple[Check, ...] = tuple(check for family in FAMILIES for check in family.CHECKS)


def fix_of(reason: str, name: str) -> str:
    """Return what to do about a task's end, by ECS's reason and its last lines.

    Empty where no check names a cause: the end alone says too little. ``name`` is the service.
    """
    facts = Facts(said=(Said("error", "", reason, name),))
    for check in CHECKS:
        if check.rank == "cause" and (found := _first(check, facts)):
            words = {"service": name, "at": "", "env": "", "deploy": "", "environment": ""}
            return found.fix or check.fix.format(**words)
    return ""


def _first(check: Check, facts: Facts) -> Evidence | None:
    return next(iter(check.look(facts)), None)
