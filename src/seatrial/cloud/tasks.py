"""ECS: the tasks of a service that run or start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.cloud.session import Session, aws_errors


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task; ``status`` and ``health`` in ECS's words, ``started`` by AWS's clock."""

    id: str
    status: str
    health: str
    revision: str
    started: datetime | None
    address: str = ""
    target: str = ""  # the state of its target, where a balancer has it


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
                        address=_address(row),
                    )
                    for row in rows
                ]
    return sorted(found, key=lambda task: (task.started is None, task.started, task.id))


def targets(session: Session, group: str) -> dict[str, str]:
    """Return the state of each target of a group, by its address."""
    with aws_errors("to describe target health"):
        rows = session.client("elbv2").describe_target_health(TargetGroupArn=group)
    return {r["Target"]["Id"]: r["TargetHealth"]["State"] for r in rows["TargetHealthDescriptions"]}


def _address(row: Mapping[str, Any]) -> str:
    """Return the private address of a task's network interface; empty before it has one."""
    details = (d for a in row.get("attachments", []) for d in a.get("details", []))
    return next((str(d["value"]) for d in details if d.get("name") == "privateIPv4Address"), "")
