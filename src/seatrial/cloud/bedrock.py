"""How an account is asked for what it has on Bedrock."""

from __future__ import annotations

from seatrial.cloud.listing import Listing, described, named

LISTINGS = (
    Listing(
        "guardrail",
        "bedrock",
        "list_guardrails",
        "guardrails[]",
        "id",
        owner=described("bedrock", "list_tags_for_resource", "tags", resourceARN="arn"),
    ),
    Listing(
        "agent",
        "bedrock-agent",
        "list_agents",
        "agentSummaries[]",
        "agentName",
        owner=named("agentName"),
    ),
    Listing(
        "knowledge base",
        "bedrock-agent",
        "list_knowledge_bases",
        "knowledgeBaseSummaries[]",
        "name",
        owner=named("name"),
    ),
)
