"""IAM's decision on a request, from the policies that concern it. Pure, and the only one: the API's
checks, the ECS agent, the scheduler and CloudFront all ask here.

Source: IAM user guide, "Policy evaluation logic", "IAM JSON policy elements reference". The
emulator knows few condition keys (those in ``Request.context``). A condition on any other one
counts as fulfilled in an Allow and as not fulfilled in a Deny: "deny what is not TLS" would deny
everything where there is no TLS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Decision = Literal["Allow", "Deny", ""]  # "": no statement speaks of it, an implicit deny
Document = Mapping[str, Any]

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": lambda wanted, value: matches(wanted, value),
    "ArnEquals": lambda wanted, value: matches(wanted, value),
    "ArnLike": lambda wanted, value: matches(wanted, value),
}


@dataclass(frozen=True)
class Principal:
    """Who asks: the ARN of a user or a role's session, or the name of an AWS service."""

    kind: Literal["AWS", "Service"]
    name: str

    @property
    def account(self) -> str:
        """Return the account of an ARN; empty for a service."""
        return self.name.split(":")[4] if self.name.count(":") >= 5 else ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked; ``context`` has the values of the condition keys that are known."""

    action: str
    resource: str = "*"
    principal: Principal | None = None  # for policies of resources and roles
    context: Mapping[str, str] = field(default_factory=dict)


def evaluate(documents: Iterable[Document], request: Request) -> Decision:
    """Return the decision of all these policies together: an explicit deny wins."""
    decision: Decision = ""
    for document in documents:
        for statement in _listed(document.get("Statement")):
            if _applies(statement, request):
                if statement["Effect"] == "Deny":
                    return "Deny"
                decision = "Allow"
    return decision


def texts_of(owner: Any) -> list[str]:
    """Return the policies of moto's record of a user, group or role: its own, and those attached.

    A managed policy counts in its default version.
    """
    attached = (v for p in owner.managed_policies.values() for v in p.versions if v.is_default)
    return [*owner.policies.values(), *(version.document for version in attached)]


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Match as IAM does: ``*`` is any text, ``?`` one character, the rest is literal."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.fullmatch(escaped, text, flags) is not None


def _applies(statement: Document, request: Request) -> bool:
    return (
        _covers(statement, "Action", request.action, ignore_case=True)
        and _covers(statement, "Resource", request.resource)
        and _is_principal(statement, request.principal)
        and _conditions_hold(statement, request.context)
    )


def _covers(statement: Document, element: str, value: str, *, ignore_case: bool = False) -> bool:
    """Say whether an element names a value; a trust policy has no resource, which is the role."""

    def any_of(patterns: Any) -> bool:
        return any(matches(str(p), value, ignore_case=ignore_case) for p in _listed(patterns))

    if f"Not{element}" in statement:
        return not any_of(statement[f"Not{element}"])
    if element not in statement:
        return element == "Resource"
    return any_of(statement[element])


def _is_principal(statement: Document, principal: Principal | None) -> bool:
    """Say whether a statement is about who asks; one of an identity's own policy always is."""
    if "NotPrincipal" in statement:
        return not _named(statement["NotPrincipal"], principal)
    return "Principal" not in statement or _named(statement["Principal"], principal)


def _named(listed: Any, principal: Principal | None) -> bool:
    if listed == "*":
        return True
    if principal is None:
        return "*" in _listed(listed.get("AWS"))
    return any(_is_same(str(name), principal) for name in _listed(listed.get(principal.kind)))


def _is_same(name: str, principal: Principal) -> bool:
    if name in ("*", principal.name):
        return True
    if principal.kind == "Service":
        return False
    # An account stands for everybody in it, a role for each of its sessions.
    if name in (principal.account, f"arn:aws:iam::{principal.account}:root"):
        return True
    session = principal.name.partition(":assumed-role/")[2].partition("/")[0]
    role = name.partition(":role/")[2].rpartition("/")[2]
    return bool(session) and session == role


def _conditions_hold(statement: Document, context: Mapping[str, str]) -> bool:
    known = {key.lower(): value for key, value in context.items()}
    unknown_holds = statement.get("Effect") == "Allow"
    for operator, rows in (statement.get("Condition") or {}).items():
        holds = _OPERATORS.get(operator.removesuffix("IfExists"))
        for key, wanted in rows.items():
            value = known.get(key.lower())
            if holds is None or value is None:
                if not unknown_holds:
                    return False
            elif not any(holds(str(each), value) for each in _listed(wanted)):
                return False
    return True


def _listed(value: Any) -> list[Any]:
    """Return an element that may be one value or a list of them as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
