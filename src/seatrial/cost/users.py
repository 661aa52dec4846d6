"""Users: those of a month who signed in, beyond the free ones."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

FREE_USERS = 10_000  # monthly active users, tier Essentials (Cognito pricing page)
USERS = Assumption("users", 1, "thousand people who sign in")


def _users(case: Case, resource: Resource) -> Iterator[Line]:
    beyond = max(case.of(USERS) * 1000 - FREE_USERS, 0)
    yield case.line(resource, "active users beyond 10,000", beyond, "cognito.essentials.mau")


COSTS = Costs(
    section="users",
    rules={"aws_cognito_user_pool": _users},
    free=frozenset({"aws_cognito_user_pool_client", "aws_cognito_user_pool_domain"}),
    assumptions=(USERS,),
)
