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


FINDERS: dict[str, Finder] = {"aws_bedrock_guardrail": _guardrail}
