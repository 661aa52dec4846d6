"""A guardrail: what becomes of its policies, who may apply it, what Bedrock would refuse."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from seatrial.cost.case import Traffic
from seatrial.errors import AppFileError
from seatrial.model import guardrail
from seatrial.model.app import App
from seatrial.ops import cost
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Ref
from seatrial.schemas import store

Make = Callable[..., App]
HEAD = "app: shop\nregion: us-east-1\n"
API = "services: {api: {build: ./api, command: run, port: 8000, public: /, uses: [safe]}}\n"
SAFE = HEAD + API + "guardrails: {safe: {%s}}\n"


@pytest.mark.G37
def test_policies_are_bedrocks(app: Make):
    """Short forms: one strength is for both directions, a prompt attack has no output."""
    text = "filters: {hate: low, prompt-attack: high}, words: [x], patterns: {n: '\\d'}"
    body = graph(app(SAFE % text)).by_address["aws_bedrock_guardrail", "safe"].body
    (content,) = body["content_policy_config"]
    assert [tuple(row.values()) for row in content["filters_config"]] == [
        ("HATE", "LOW", "LOW"),
        ("PROMPT_ATTACK", "HIGH", "NONE"),
    ]
    (sensitive,) = body["sensitive_information_policy_config"]
    assert sensitive == {
        "regexes_config": [{"name": "n", "description": "n", "pattern": "\\d", "action": "BLOCK"}]
    }
    assert "topic_policy_config" not in body


def test_users_may_apply_this_one_and_know_its_version(app: Make):
    """The grant names the guardrail; ID and version are in the task's variables."""
    made = graph(app(SAFE % "profanity: true"))
    policy = made.by_address["aws_iam_role_policy", "api_task_safe_apply"].body["policy"]
    (row,) = policy.value["Statement"]
    assert (row["Action"], row["Resource"]) == (
        "bedrock:ApplyGuardrail",
        [Ref("aws_bedrock_guardrail", "safe", "guardrail_arn")],
    )
    task = made.by_address["aws_ecs_task_definition", "api"].body["container_definitions"]
    values = {row["name"]: row["value"] for row in task.value[0]["environment"]}
    assert values["SAFE_GUARDRAIL"] == Ref("aws_bedrock_guardrail", "safe", "guardrail_id")
    assert values["SAFE_GUARDRAIL_VERSION"] == Ref(
        "aws_bedrock_guardrail_version", "safe", "version"
    )
    version = made.by_address["aws_bedrock_guardrail_version", "safe"].body
    assert version["skip_destroy"] is True  # tasks that serve name the old one


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("words: []", "guardrails.safe", "guards nothing"),
        (
            "filters: {prompt-attack: {input: high, output: low}}",
            "guardrails.safe.filters.prompt-attack.output",
            "in what users say alone",
        ),
        ("patterns: {x: 'a(?!b)'}", "guardrails.safe.patterns.x", "look-around"),
        ("patterns: {x: 'a(b'}", "guardrails.safe.patterns.x", "no regular expression"),
        ("pii: {shoe-size: block}", "guardrails.safe.pii.shoe-size", ""),
        ("filters: {hate: some}", "guardrails.safe.filters.hate.input", ""),
        ("denied: {x: %s}" % ("y" * 201), "guardrails.safe.denied.x.definition", ""),
    ],
)
def test_what_bedrock_refuses_is_refused(app: Make, text: str, key: str, words: str):
    """Before anything is planned, at the key."""
    with pytest.raises(AppFileError) as raised:
        app(SAFE % text)
    found = {problem.key: problem.message for problem in raised.value.problems}
    assert key in found, json.dumps(found)
    assert words in found[key]


def test_regions_without_guardrails_are_aws_own():
    """The list is cfn-lint's; a region that is not in it has them."""
    folder = store._folder() / "providers"
    lacking = {
        path.stem
        for path in folder.glob("*-*.json")
        if "AWS::Bedrock::Guardrail" not in json.loads(path.read_bytes())
    }
    assert lacking == guardrail.NOT_OFFERED


def test_a_region_without_guardrails_is_refused(app: Make):
    """At the section: the region or the guardrails must go."""
    with pytest.raises(AppFileError) as raised:
        app((SAFE % "profanity: true").replace("us-east-1", "ca-west-1"))
    assert "no guardrails in ca-west-1" in str(raised.value)


def test_paid_policies_cost_by_the_unit(app: Make):
    """Content, topics and personal data; words and patterns are free."""
    use = Traffic(guarded=100)

    def paid(text: str) -> dict[str, float]:
        found = cost.estimate(app(SAFE % text), use)
        return {row.item: row.monthly for row in found.lines if row.noun == "guardrails.safe"}

    assert paid("words: [x], patterns: {n: '1'}, profanity: true") == {}
    assert paid("filters: {hate: low}, denied: {x: y}, pii: {email: block}") == {
        "content filters": 15.0,
        "denied topics": 15.0,
        "personal data": 10.0,
    }
