"""IAM evaluates actions, resources, principals and explicit denies (IAM user guide, "Policy
evaluation logic"): ``iam_policies``, one evaluator for the whole emulator, decides.

moto's own reads ``*`` as a regular expression without escaping the rest, knows no ``NotResource``
and cannot read a trust policy that names a service; it checks some signatures and not others, so
that ``api.gate`` does it; and it asks for ``s3:HeadBucket``, which is no action: HeadBucket needs
``s3:ListBucket`` (S3 API reference).
Test: tests/emulator/test_iam.py.
"""

from __future__ import annotations

from typing import Any

from moto.iam.access_control import IAMPolicy, IAMRequestBase, PermissionResult
from moto.s3 import responses as s3_responses

from seatrial_emulator.api import iam_policies
from seatrial_emulator.api.iam_policies import Principal, Request
from seatrial_emulator.api.patches.patch import replace, replace_item

_RESULTS = {
    "Allow": PermissionResult.PERMITTED,
    "Deny": PermissionResult.DENIED,
    "": PermissionResult.NEUTRAL,
}


def apply() -> None:
    """Let our evaluator decide, and leave signatures to the gate."""
    replace_item(
        s3_responses.ACTION_MAP["BUCKET"]["HEAD"],
        "DEFAULT",
        old="HeadBucket",
        new="ListBucket",
        where="moto.s3.responses.ACTION_MAP[BUCKET][HEAD][DEFAULT]",
    )
    replace(IAMPolicy, "is_action_permitted", _is_permitted)
    replace(IAMRequestBase, "check_signature", _check_signature)


def _is_permitted(
    self: Any,
    action: str,
    resource: str = "*",
    principal: str | None = None,
    incoming_condition_values: dict[str, str] | None = None,
) -> PermissionResult:
    # An external ID that was not sent is one that is not the wanted one.
    context = {"sts:ExternalId": ""} if action == "sts:AssumeRole" else {}
    request = Request(
        action=action,
        resource=resource,
        principal=Principal("AWS", principal) if principal else None,
        context=context | (incoming_condition_values or {}),
    )
    return _RESULTS[iam_policies.evaluate([self._policy_json], request)]


def _check_signature(self: Any) -> None:
    """Check nothing: no request comes here whose signature does not hold."""
