"""An agent on Bedrock: its role, its knowledge, and the alias that its users call.

An alias leads to a version, which nothing makes when the agent changes. So the alias carries what
the agent is as its description: where that changes, the alias is updated, and Bedrock makes a
version of the agent for it (agents API reference, UpdateAgentAlias).

An agent has a version of its guardrail to itself, made anew whenever the agent changes: provider
5.100 sends the guardrail along only where its version is another, and Bedrock takes an update
without one as an agent without one (hashicorp/terraform-provider-aws#48681).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.agent import KIND, Agent
from seatrial.model.app import App
from seatrial.model.service import Service, Use
from seatrial.resources import access, naming
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Joined, Ref, Resource, joined
from seatrial.resources.guardrail import GUARDRAIL, VERSION
from seatrial.resources.kind import DATA, Arrow, Grant, Node, ResourceKind, Value
from seatrial.resources.model import statements

LIMIT = 100  # characters of a name (agents API reference, CreateAgent)
AGENT, ALIAS = "aws_bedrockagent_agent", "aws_bedrockagent_agent_alias"
ASSOCIATION = "aws_bedrockagent_agent_knowledge_base_association"
_ATTRIBUTES = {
    "id": (AGENT, "agent_id"),
    "arn": (AGENT, "agent_arn"),
    "alias": (ALIAS, "agent_alias_id"),
}


def attribute(noun: str, name: str) -> Ref:
    """Return an attribute of an agent."""
    type_, found = _ATTRIBUTES[name]
    return Ref(type_, noun, found)


def build(context: Context) -> Iterator[Resource]:
    """Yield every agent with its role, its knowledge and its alias."""
    for noun, agent in sorted(context.app.agents.items()):
        yield from _one(context, noun, agent)


def _one(context: Context, noun: str, agent: Agent) -> Iterator[Resource]:
    owner, role = f"agents.{noun}", f"{noun}_agent"
    yield access.role(context, owner, role, access.trust(context, "bedrock", "bedrock"))
    granted = access.grant(owner, role, "act", access.policy(*_acts(context, agent)))
    yield granted
    if agent.guardrail:
        yield _guardrail_version(context, noun, agent)
    yield foundation(
        owner,
        AGENT,
        noun,
        granted.ref(),
        agent_name=context.fitted(LIMIT, noun),
        agent_resource_role_arn=Ref("aws_iam_role", role, "arn"),
        foundation_model=_of(context, agent.model, "id"),
        idle_session_ttl_in_seconds=agent.session,
        instruction=agent.instruction,
        guardrail_configuration=_guardrail(context, noun, agent),
        prepare_agent=True,
        skip_resource_in_use_check=True,  # its alias goes before it
    )
    associations = [_association(context, noun, name, text) for name, text in _bases(agent)]
    yield from associations
    yield foundation(
        owner,
        ALIAS,
        noun,
        *(each.ref() for each in associations),
        agent_alias_name=context.fitted(LIMIT, noun),
        agent_id=attribute(noun, "id"),
        description=_described(context, noun, agent),
    )


def _bases(agent: Agent) -> list[tuple[str, str]]:
    return sorted(agent.knowledge.items())


def _association(context: Context, noun: str, name: str, text: str) -> Resource:
    return foundation(
        f"agents.{noun}",
        ASSOCIATION,
        f"{noun}_{name}",
        agent_id=attribute(noun, "id"),
        knowledge_base_id=_of(context, name, "id"),
        description=text,
        knowledge_base_state="ENABLED",
    )


def _of(context: Context, name: str, wanted: str) -> Value:
    """Return an attribute of another noun, which its own file knows."""
    kind = context.kind_of(name)
    if kind is None:
        raise LookupError(name)
    return kind.attribute(context, name, wanted)


def _guardrail_version(context: Context, noun: str, agent: Agent) -> Resource:
    return foundation(
        f"agents.{noun}",
        VERSION,
        f"{noun}_agent",
        guardrail_arn=_of(context, agent.guardrail or "", "arn"),
        description=f"agent {_digest(context, agent)}",
        skip_destroy=True,  # the versions of the agent that went before name it
        lifecycle=[{"replace_triggered_by": [f"{GUARDRAIL}.{agent.guardrail}"]}],
    )


def _guardrail(context: Context, noun: str, agent: Agent) -> list[dict[str, Any]] | None:
    if agent.guardrail is None:
        return None
    version = Ref(VERSION, f"{noun}_agent", "version")
    name = _of(context, agent.guardrail, "id")
    return [{"guardrail_identifier": name, "guardrail_version": version}]


def _digest(context: Context, agent: Agent) -> str:
    """Return what is another where the agent is."""
    return naming.digest(agent.model_dump_json() + str(_of(context, agent.model, "id")), 12)


def _described(context: Context, noun: str, agent: Agent) -> Joined | str:
    """Return the alias's description: another where the agent is, or its guardrail's version."""
    text = f"agent {_digest(context, agent)}"
    if agent.guardrail is None:
        return text
    return joined(f"{text}, guardrail ", Ref(VERSION, f"{noun}_agent", "version"))


def _acts(context: Context, agent: Agent) -> Iterator[dict[str, Any]]:
    """Yield what the role may (user guide, "Create a service role for Amazon Bedrock Agents")."""
    yield from statements(agent.model, context.app.models[agent.model])
    for name, _ in _bases(agent):
        base = _of(context, name, "arn")
        yield access.allow("bedrock:Retrieve", base, sid=f"Knowledge{naming.digest(name)}")
    if agent.guardrail:
        arn = _of(context, agent.guardrail, "arn")
        yield access.allow("bedrock:ApplyGuardrail", arn, sid="Guardrail")


def _grants(_context: Context, _: Service, use: Use) -> Iterator[Grant]:
    arn = Ref(ALIAS, use.name, "agent_alias_arn")
    yield Grant("task", f"{use.name}_ask", (access.allow("bedrock:InvokeAgent", arn, sid="Agent"),))


def _nodes(app: App) -> Iterator[Node]:
    for name in sorted(app.agents):
        yield Node(name, "data", DATA, name, "agent")


def _arrows(app: App) -> Iterator[Arrow]:
    for name, agent in sorted(app.agents.items()):
        others = (agent.model, *agent.knowledge, agent.guardrail)
        yield from ((name, other) for other in others if other)


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=lambda _, noun, name: attribute(noun, name),
    grants=_grants,
    nodes=_nodes,
    arrows=_arrows,
    endpoints=("bedrock-agent-runtime",),
)
