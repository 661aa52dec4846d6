"""What a service's tasks are started from, for a task of the same kind with another command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seatrial.cloud import services
from seatrial.cloud.session import Session, aws_errors


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A service's task definition and network; ``container`` is the one whose command is replaced.

    ``group`` and ``stream_prefix`` say where its output goes.
    """

    definition: str
    container: str
    network: dict[str, Any]
    group: str
    stream_prefix: str


def of(session: Session, cluster: str, service: str) -> Blueprint | None:
    """Return what the tasks of a service are started from; None where no such service is active."""
    rows = services.active(session, cluster, [service])
    if not rows:
        return None
    definition, network = rows[0]["taskDefinition"], rows[0].get("networkConfiguration", {})
    with aws_errors(f"to look at {definition}"):
        answer = session.client("ecs").describe_task_definition(taskDefinition=definition)
    found = answer["taskDefinition"]
    container = found["containerDefinitions"][0]
    options = container.get("logConfiguration", {}).get("options", {})
    return Blueprint(
        definition=definition,
        container=container["name"],
        network=dict(network.get("awsvpcConfiguration", {})),
        group=options.get("awslogs-group", ""),
        stream_prefix=options.get("awslogs-stream-prefix", ""),
    )
