"""Secrets."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session


def _secret(session: Session, body: Body, mine: Tags) -> str | None:
    row = session.client("secretsmanager").describe_secret(SecretId=body["name"])
    if "DeletedDate" in row or not mine.items() <= tags(row.get("Tags")).items():
        return None
    return str(row["ARN"])


FINDERS: dict[str, Finder] = {
    "aws_secretsmanager_secret": _secret,
}
