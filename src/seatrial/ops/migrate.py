"""Migrations: one task with the new image, before its service takes traffic."""

from __future__ import annotations

from typing import Any

from seatrial.cloud import logs, services
from seatrial.cloud.session import Session, told
from seatrial.errors import UserError
from seatrial.events import Emit, TaskChanged
from seatrial.model.app import App
from seatrial.resources.graph import Graph, Ref
from seatrial.terraform.document import handle

LINES = 15


def run(session: Session, graph: Graph, service: str, outputs: dict[str, Any], emit: Emit) -> None:
    """Run a service's migration and wait for it; raises UserError with its last lines."""
    body = graph.by_address[("aws_ecs_service", service)].body
    definition = graph.by_address[("aws_ecs_task_definition", f"{service}_migrate")].body
    network = body["network_configuration"][0]

    def resolved(ref: Ref) -> str:
        return str(outputs[handle(graph.by_address[ref.address])][ref.attribute])

    arn = services.run(
        session,
        outputs["ecs_cluster_main"]["name"],
        definition["family"],
        {
            "subnets": [resolved(ref) for ref in network["subnets"]],
            "securityGroups": [resolved(ref) for ref in network["security_groups"]],
            "assignPublicIp": "ENABLED" if network["assign_public_ip"] else "DISABLED",
        },
    )
    emit(TaskChanged(service, arn, "migrating"))
    ended = services.wait_stopped(session, outputs["ecs_cluster_main"]["name"], arn)
    if ended.exit_code != 0:
        group = f"/{graph.app}/{graph.environment}/{service}"
        output = logs.tail(session, group, ended.stream, LINES)
        code = f" (exit code {ended.exit_code})" if ended.exit_code is not None else ""
        raise UserError.of(
            "migration-failed",
            f"the migration of `{service}` failed: {ended.reason}{code}\n"
            + "\n".join(f"    {line}" for line in output),
            "The new version takes no traffic. Mend the migration and deploy again.",
            f"services.{service}.migrate",
        )


def restart(session: Session, app: App, cluster: str, databases: set[str]) -> None:
    """Replace the tasks of services that were given a password which has changed."""
    for name, service in sorted(app.services.items()):
        if any(use.name in databases for use in service.uses):
            with told(f"to restart {name}"):
                session.client("ecs").update_service(
                    cluster=cluster, service=name, forceNewDeployment=True
                )
