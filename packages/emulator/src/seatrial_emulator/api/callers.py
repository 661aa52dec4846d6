"""Who made a request, and what its policies allow: for services that are not moto's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatrial_emulator.api import iam_policies


@dataclass(frozen=True)
class Caller:
    """A user, or a role's session, with the documents of its policies."""

    arn: str
    documents: tuple[Mapping[str, Any], ...]

    def may(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Return whether these policies allow an action on a resource."""
        request = iam_policies.Request(action=action, resource=resource, context=context)
        return iam_policies.evaluate(self.documents, request) == "Allow"


def caller(environ: dict[str, Any], account: str) -> Caller:
    """Return who signed a request that the gate let through. Callers hold the emulator's lock."""
    from moto.iam.access_control import IAMPolicy, create_access_key

    claimed = environ["seatrial.signed"][0]
    headers = {"X-Amz-Security-Token": claimed.token} if claimed.token else {}
    key = create_access_key(account, "aws", claimed.scope.access_key, headers)
    documents = (IAMPolicy(policy)._policy_json for policy in key.collect_policies())
    return Caller(key.arn, tuple(documents))
