"""What is on Bedrock: found by its name, then by its tags."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session


def _guardrail(session: Session, body: Body, mine: Tags) -> str | None:
    bedrock = session.client("bedrock")
    for row in bedrock.get_paginator("list_guardrails").paginate().search("guardrails[]"):
        if row["name"] == body["name"]:
            own = bedrock.list_tags_for_resource(resourceARN=row["arn"])["tags"]
            return f"{row['id']},DRAFT" if mine.items() <= tags(own).items() else None
    return None


def _base(session: Session, body: Body, _: Tags) -> str | None:
    agent, wanted = session.client("bedrock-agent"), body["name"]
    rows = agent.get_paginator("list_knowledge_bases").paginate().search("knowledgeBaseSummaries[]")
    return next((str(row["knowledgeBaseId"]) for row in rows if row["name"] == wanted), None)


def _source(session: Session, body: Body, _: Tags) -> str | None:
    agent, base = session.client("bedrock-agent"), body["knowledge_base_id"]
    rows = agent.list_data_sources(knowledgeBaseId=base)["dataSourceSummaries"]
    same = (row["dataSourceId"] for row in rows if row["name"] == body["name"])
    return next((f"{name},{base}" for name in same), None)


def _agent(session: Session, body: Body, _: Tags) -> str | None:
    agent, wanted = session.client("bedrock-agent"), body["agent_name"]
    rows = agent.get_paginator("list_agents").paginate().search("agentSummaries[]")
    return next((str(row["agentId"]) for row in rows if row["agentName"] == wanted), None)


FINDERS: dict[str, Finder] = {
    "aws_bedrockagent_agent": _agent,
    "aws_bedrock_guardrail": _guardrail,
    "aws_bedrockagent_data_source": _source,
    "aws_bedrockagent_knowledge_base": _base,
}
