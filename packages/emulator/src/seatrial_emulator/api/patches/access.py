"""IAM evaluates actions, resources, principals and explicit denies (IAM user guide, "Policy
evaluation logic"): ``iam_policies``, one evaluator for the whole emulator, decides.

An action has the name that policies write (``cloudwatch:``, not ``monitoring:``).

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

# Actions that IAM names otherwise than the signature's service and the operation (Service
# Authorization Reference, each service's "Service prefix" and its actions).
_SERVICES = {"monitoring": "cloudwatch", "tagging": "tag"}
_ACTIONS = {
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:CreateNotification": "budgets:ModifyBudget",
    "budgets:CreateSubscriber": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:DeleteNotification": "budgets:ModifyBudget",
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "cloudfront:CreateDistributionWithTags": "cloudfront:CreateDistribution",
}
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
        action=named(action),
        resource=resource,
        principal=Principal("AWS", principal) if principal else None,
        context=context | (incoming_condition_values or {}),
    )
    return _RESULTS[iam_policies.evaluate([self._policy_json], request)]


def named(action: str) -> str:
    """Return an action as policies name it."""
    service, _, operation = action.partition(":")
    plain = f"{_SERVICES.get(service, service)}:{operation}"
    return _ACTIONS.get(plain, plain)


def _check_signature(self: Any) -> None:
    """Check nothing: no request comes here whose signature does not hold."""
