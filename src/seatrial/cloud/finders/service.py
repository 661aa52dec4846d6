"""Services."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags
from seatrial.cloud.session import Session


def _service(session: Session, body: Body, _: Tags) -> str | None:
    cluster = str(body["cluster"]).rsplit("/", 1)[-1]
    ecs = session.client("ecs")
    rows = ecs.describe_services(cluster=cluster, services=[body["name"]])["services"]
    alive = any(row["status"] == "ACTIVE" for row in rows)
    return f"{cluster}/{body['name']}" if alive else None


FINDERS: dict[str, Finder] = {
    "aws_ecs_service": _service,
}
