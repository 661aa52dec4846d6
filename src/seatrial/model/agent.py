"""An agent: an instruction, a model, knowledge and a guardrail behind one call of Bedrock's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Name, Noun
from seatrial.model.units import Duration
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

# Regions without AWS::Bedrock::Agent (cfn-lint's schemas of 2026-10-20).
NOT_OFFERED = frozenset(
    {"af-south-1", "ap-east-1", "ap-east-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"}
    | {"ap-southeast-6", "ap-southeast-7", "ca-west-1", "cn-north-1", "cn-northwest-1"}
    | {"il-central-1", "me-central-1", "mx-central-1", "us-west-1"}
)


class Agent(Noun):
    """An agent on Amazon Bedrock; its users send it a session's turns."""

    model: Name = Field(description="One of `models`.", examples=["writer"])
    instruction: Annotated[str, Field(min_length=40, max_length=4000)] = Field(
        description="What the agent is for, and how it answers; 40 characters or more.",
        examples=["You answer questions on orders. Say so where you do not know."],
    )
    session: Annotated[Duration, Field(ge=60, le=5400)] = Field(
        600, description="How long a session without a turn is remembered.", examples=["10 min"]
    )
    knowledge: dict[Name, Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        {},
        description="Knowledge bases, and what each is asked for.",
        examples=["{docs: Look here for columns of tables.}"],
    )
    guardrail: Name | None = Field(
        None, description="The guardrail for questions and answers.", examples=["safe"]
    )


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "AGENT"), "id")
    yield Variable(contract.variable(use.name, "ALIAS"), "alias")


def _check(app: App) -> Iterator[Finding]:
    """Yield regions without agents, and what an agent names and the app does not have."""
    if app.agents and app.region in NOT_OFFERED:
        text = f"Amazon Bedrock has no agents in {app.region}"
        fix = "Deploy to a region that has them, such as us-east-1 or eu-west-1."
        yield Finding("appfile-choice", ("agents",), text, fix, (("agents",), ("region",)))
    for name, agent in app.agents.items():
        path: Path = ("agents", name)
        named = [("model", agent.model, "models")]
        named += [("knowledge", base, "knowledge") for base in agent.knowledge]
        named += [("guardrail", agent.guardrail, "guardrails")] if agent.guardrail else []
        for key, wanted, section in named:
            known = getattr(app, section)
            if wanted not in known:
                place = (*path, key, wanted) if key == section else (*path, key)
                text = f"`{section}` has no `{wanted}`"
                yield Finding("appfile-use", place, text, nearest(wanted, known))
        model = app.models.get(agent.model)
        if model and "embed" in model.bedrock:
            text = f"`{model.bedrock}` makes embeddings, and an agent's model speaks"
            fix = "Take a language model."
            yield Finding("appfile-choice", (*path, "model"), text, fix)


KIND = Kind(
    section="agents",
    attributes=("id", "arn", "alias"),
    accesses=("",),
    variables=_variables,
    check=_check,
)
