"""An agent: free itself; its questions are tokens of its model and units of its guardrail."""

from __future__ import annotations

from seatrial.cost.case import Costs

COSTS = Costs(
    section="agents",
    free=frozenset(
        {
            "aws_bedrockagent_agent",
            "aws_bedrockagent_agent_alias",
            "aws_bedrockagent_agent_knowledge_base_association",
        }
    ),
)
