"""A guardrail on Bedrock, and the version of it that the app's tasks name.

A version is kept when the next is made: tasks that serve name it until the release is out. All go
with their guardrail. AWS keeps 20 of one guardrail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.app import App
from seatrial.model.guardrail import KIND, Guardrail
from seatrial.model.service import Service, Use
from seatrial.resources import access
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Ref, Resource
from seatrial.resources.kind import DATA, Grant, Node, ResourceKind

LIMIT = 50  # characters of a name (Bedrock API reference, CreateGuardrail)
LONGEST_EXAMPLE = 100  # characters of a topic's example
# Descriptions and examples are always given: provider 5.100 leaves those that are not as unknown
# after apply, which Terraform refuses.
GUARDRAIL, VERSION = "aws_bedrock_guardrail", "aws_bedrock_guardrail_version"
APPLY = "bedrock:ApplyGuardrail"
_ATTRIBUTES = {
    "id": (GUARDRAIL, "guardrail_id"),
    "arn": (GUARDRAIL, "guardrail_arn"),
    "version": (VERSION, "version"),
}


def attribute(noun: str, name: str) -> Ref:
    """Return an attribute of a guardrail."""
    type_, found = _ATTRIBUTES[name]
    return Ref(type_, noun, found)


def build(context: Context) -> Iterator[Resource]:
    """Yield every guardrail with its version."""
    for noun, guardrail in sorted(context.app.guardrails.items()):
        owner = f"guardrails.{noun}"
        yield foundation(
            owner,
            GUARDRAIL,
            noun,
            name=context.fitted(LIMIT, noun),
            description=f"the guardrail {noun} of {context.app.app}",
            blocked_input_messaging=guardrail.messages.input,
            blocked_outputs_messaging=guardrail.messages.output,
            content_policy_config=_content(guardrail),
            sensitive_information_policy_config=_sensitive(guardrail),
            topic_policy_config=_topics(guardrail),
            word_policy_config=_words(guardrail),
        )
        yield foundation(
            owner,
            VERSION,
            noun,
            guardrail_arn=attribute(noun, "arn"),
            skip_destroy=True,
            lifecycle=[{"replace_triggered_by": [f"{GUARDRAIL}.{noun}"]}],
        )


def _upper(word: str) -> str:
    return word.upper().replace("-", "_")


def _block(**rows: Any) -> list[dict[str, Any]] | None:
    """Return a block of what there is; None where there is nothing."""
    found = {key: value for key, value in rows.items() if value}
    return [found] if found else None


def _content(guardrail: Guardrail) -> list[dict[str, Any]] | None:
    rows = []
    for category, found in sorted(guardrail.filters.items()):
        same = "none" if category == "prompt-attack" else found.input
        rows.append(
            {
                "type": _upper(category),
                "input_strength": _upper(found.input),
                "output_strength": _upper(found.output or same),
            }
        )
    return _block(filters_config=rows)


def _sensitive(guardrail: Guardrail) -> list[dict[str, Any]] | None:
    entities = [{"type": _upper(k), "action": _upper(a)} for k, a in sorted(guardrail.pii.items())]
    patterns = [
        {"name": name, "description": name, "pattern": row.pattern, "action": _upper(row.action)}
        for name, row in sorted(guardrail.patterns.items())
    ]
    return _block(pii_entities_config=entities, regexes_config=patterns)


def _topics(guardrail: Guardrail) -> list[dict[str, Any]] | None:
    rows = [
        {
            "name": name,
            "type": "DENY",
            "definition": topic.definition,
            "examples": list(topic.examples) or [topic.definition[:LONGEST_EXAMPLE]],
        }
        for name, topic in sorted(guardrail.denied.items())
    ]
    return _block(topics_config=rows)


def _words(guardrail: Guardrail) -> list[dict[str, Any]] | None:
    return _block(
        words_config=[{"text": word} for word in guardrail.words],
        managed_word_lists_config=[{"type": "PROFANITY"}] if guardrail.profanity else None,
    )


def _grants(_context: Context, _: Service, use: Use) -> Iterator[Grant]:
    statement = access.allow(APPLY, attribute(use.name, "arn"), sid="Guardrail")
    yield Grant("task", f"{use.name}_apply", (statement,))


def _nodes(app: App) -> Iterator[Node]:
    for name in sorted(app.guardrails):
        yield Node(name, "data", DATA, name, "guardrail")


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=lambda _, noun, name: attribute(noun, name),
    grants=_grants,
    nodes=_nodes,
    endpoints=("bedrock-runtime",),
)
