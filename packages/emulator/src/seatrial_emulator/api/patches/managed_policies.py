"""IAM has AWS's own managed policies in every account (IAM user guide, "AWS managed policies").

moto loads all 1,582 of them at its start, in seconds, or none; here each is loaded when it is
first named, and one that AWS does not have is refused: NoSuchEntity.
Test: tests/emulator/test_validation.py::test_aws_managed_policies_are_those_that_aws_has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from moto.iam.models import AWSManagedPolicy, IAMBackend

from seatrial_emulator.api.patches.patch import wrap

_NAMERS = ("attach_role_policy", "attach_user_policy", "attach_group_policy", "get_policy")


def apply() -> None:
    """Load a policy of AWS's before it is looked for."""
    for name in _NAMERS:
        wrap(IAMBackend, name, _load_first)


def _load_first(find: Callable[..., Any], self: Any, *given: Any, **fields: Any) -> Any:
    for value in (*given, *fields.values()):
        if isinstance(value, str) and ":iam::aws:policy/" in value:
            _load(self, value)
    return find(self, *given, **fields)


def _load(backend: Any, arn: str) -> None:
    name = arn.rpartition("/")[2]
    if arn in backend.managed_policies or name not in _policies():
        return
    made = AWSManagedPolicy.from_data(
        name, backend.account_id, backend.region_name, _policies()[name]
    )
    if made.arn == arn:
        backend.managed_policies[arn] = made


@cache
def _policies() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found
