"""IAM says what an identity's policies allow: SimulatePrincipalPolicy (IAM API reference).

moto does not have it. The emulator's own evaluator answers, so that what it says is what it does.
Test: tests/emulator/test_iam.py::test_iam_says_beforehand_what_it_will_allow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from seatrial_emulator.api import iam_policies
from seatrial_emulator.api.iam_policies import Request
from seatrial_emulator.api.patches.patch import add

_WORDS = {"Allow": "allowed", "Deny": "explicitDeny", "": "implicitDeny"}


def apply() -> None:
    """Add the operation."""
    add(IamResponse, "simulate_principal_policy", _simulate)


def _simulate(self: Any) -> ActionResult:
    arn = self._get_param("PolicySourceArn")
    documents = [json.loads(text) for text in _documents(self.backend, arn)]
    context = {
        row["ContextKeyName"]: str(row["ContextKeyValues"][0])
        for row in self._get_param("ContextEntries") or ()
    }
    resources = self._get_param("ResourceArns") or ["*"]
    rows = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": _WORDS[
                iam_policies.evaluate(
                    documents, Request(action=action, resource=resource, context=context)
                )
            ],
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for action in self._get_param("ActionNames") or ()
        for resource in resources
    ]
    return ActionResult({"EvaluationResults": rows, "IsTruncated": False})


def _documents(iam: Any, arn: str) -> Iterator[str]:
    """Yield the policies of a user, of its groups, or of a role."""
    kind, _, path = arn.rpartition(":")[2].partition("/")
    name = path.rpartition("/")[2]
    owner = iam.get_user(name) if kind == "user" else iam.get_role(name)
    groups = iam.get_groups_for_user(name) if kind == "user" else ()
    for each in (owner, *groups):
        yield from iam_policies.texts_of(each)
