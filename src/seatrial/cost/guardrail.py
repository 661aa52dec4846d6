"""A guardrail: the texts that it judges, each policy for itself; words and patterns are free."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

UNITS = Assumption("guarded", 10, "thousand text units of 1,000 characters, each guardrail")
_PAID = (
    ("content_policy_config", "filters_config", "content filters", "bedrock.guardrails.content"),
    ("topic_policy_config", "topics_config", "denied topics", "bedrock.guardrails.denied"),
    (
        "sensitive_information_policy_config",
        "pii_entities_config",
        "personal data",
        "bedrock.guardrails.pii",
    ),
)


def _guardrail(case: Case, resource: Resource) -> Iterator[Line]:
    for policy, rows, item, key in _PAID:
        if any(rows in block for block in resource.body.get(policy) or ()):
            yield case.line(resource, item, case.of(UNITS), key)


COSTS = Costs(
    section="guardrails",
    rules={"aws_bedrock_guardrail": _guardrail},
    free=frozenset({"aws_bedrock_guardrail_version"}),
    assumptions=(UNITS,),
)
