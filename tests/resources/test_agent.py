"""An agent: what its role may, how its alias follows a change, what must be there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps import ON_BEDROCK
from seatrial.errors import AppFileError
from seatrial.model import agent
from seatrial.model.app import App
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph, Ref
from seatrial.schemas import store

Make = Callable[..., App]


def actions(made: Graph, name: str) -> dict[str, list[Any]]:
    """Return a policy's resources by its actions."""
    policy = made.by_address["aws_iam_role_policy", name].body["policy"]
    return {str(row["Action"]): row["Resource"] for row in policy.value["Statement"]}


def alias(made: Graph) -> Any:
    """Return the description of the alias: what the agent is."""
    return made.by_address["aws_bedrockagent_agent_alias", "helper"].body["description"]


@pytest.mark.G35
def test_its_role_may_what_it_names(app: Make):
    """The model through its profile, the one knowledge base, the one guardrail."""
    found = actions(graph(app(ON_BEDROCK)), "helper_agent_act")
    assert found["bedrock:Retrieve"] == [Ref("aws_bedrockagent_knowledge_base", "docs", "arn")]
    assert found["bedrock:ApplyGuardrail"] == [
        Ref("aws_bedrock_guardrail", "safe", "guardrail_arn")
    ]
    assert len(found) == 3


def test_users_invoke_its_alias_alone(app: Make):
    """The grant names the alias; agent and alias are in the task's variables."""
    made = graph(app(ON_BEDROCK))
    where = [Ref("aws_bedrockagent_agent_alias", "helper", "agent_alias_arn")]
    assert actions(made, "api_task_helper_ask") == {"bedrock:InvokeAgent": where}
    task = made.by_address["aws_ecs_task_definition", "api"].body["container_definitions"]
    names = {row["name"] for row in task.value[0]["environment"]}
    assert {"HELPER_AGENT", "HELPER_ALIAS"} <= names


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("You answer questions", "You answer all questions"),
        ("session: 500 s", "session: 600 s"),
        ("Look here for the columns", "Look there for the columns"),
        ("nova-lite", "nova-pro"),
    ],
)
def test_a_change_of_the_agent_changes_its_alias(app: Make, old: str, new: str):
    """So Terraform updates the alias, and Bedrock makes a version; nothing else does."""
    before = alias(graph(app(ON_BEDROCK)))
    assert alias(graph(app(ON_BEDROCK.replace(old, new)))) != before
    assert Ref("aws_bedrock_guardrail_version", "helper_agent", "version") in before.parts
    assert alias(graph(app(ON_BEDROCK.replace("words: [project x]", "words: [y]")))) == before


def test_a_change_of_the_agent_makes_a_version_of_its_guardrail(app: Make):
    """The provider forgets a guardrail in an update that does not change it."""

    def version(text: str) -> Any:
        made = graph(app(text))
        (row,) = made.by_address["aws_bedrockagent_agent", "helper"].body["guardrail_configuration"]
        assert row["guardrail_version"].name == "helper_agent"
        return made.by_address["aws_bedrock_guardrail_version", "helper_agent"].body["description"]

    other = ON_BEDROCK.replace("You answer questions", "You answer all questions")
    assert version(ON_BEDROCK) != version(other)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("model: writer", "model: wirter", "agents.helper.model", "`models` has no `wirter`"),
        ("knowledge: {docs:", "knowledge: {dosc:", "agents.helper.knowledge.dosc", "no `dosc`"),
        ("guardrail: safe", "guardrail: sfae", "agents.helper.guardrail", "no `sfae`"),
        ("model: writer", "model: embedder", "agents.helper.model", "makes embeddings"),
        ("session: 500 s", "session: 30 s", "agents.helper.session", ""),
        ("session: 500 s", "session: 2 h", "agents.helper.session", ""),
    ],
)
def test_what_is_not_there_is_said(app: Make, old: str, new: str, key: str, words: str):
    """At the key, with the nearest name."""
    with pytest.raises(AppFileError) as raised:
        app(ON_BEDROCK.replace(old, new))
    found = {problem.key: problem.message for problem in raised.value.problems}
    assert key in found, json.dumps(found)
    assert words in found[key]


def test_a_short_instruction_is_refused(app: Make):
    """Bedrock wants 40 characters."""
    long = "You answer questions on tables, and say so where you do not know."
    with pytest.raises(AppFileError) as raised:
        app(ON_BEDROCK.replace(long, "You answer."))
    assert [problem.key for problem in raised.value.problems] == ["agents.helper.instruction"]


def test_regions_without_agents_are_aws_own():
    """The list is cfn-lint's."""
    folder = store._folder() / "providers"
    lacking = {
        path.stem
        for path in folder.glob("*-*.json")
        if "AWS::Bedrock::Agent" not in json.loads(path.read_bytes())
    }
    assert lacking == agent.NOT_OFFERED
