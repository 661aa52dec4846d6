"""ECS: the tasks of a service that run or start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.cloud.session import Session, aws_errors


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task; ``status`` and ``health`` in ECS's words, ``started`` by AWS's clock."""

    id: str
    status: str
    health: str
    revision: str
    started: datetime | None


def running(session: Session, cluster: str, service: str) -> list[Task]:
    """Return the tasks of a service that are to run, the oldest first."""
    client = session.client("ecs")
    found: list[Task] = []
    with aws_errors(f"to list the tasks of {service}"):
        pages = client.get_paginator("list_tasks").paginate(
            cluster=cluster, serviceName=service, desiredStatus="RUNNING"
        )
        for page in pages:  # of a hundred, as many as DescribeTasks takes
            if page["taskArns"]:
                rows = client.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]
                found += [
                    Task(
                        id=row["taskArn"].rsplit("/", 1)[-1],
                        status=row["lastStatus"],
                        health=row.get("healthStatus", "UNKNOWN"),
                        revision=row["taskDefinitionArn"].rsplit("/", 1)[-1],
                        started=row.get("startedAt"),
                    )
                    for row in rows
                ]
    return sorted(found, key=lambda task: (task.started is None, task.started, task.id))
