"""Task definitions: how one task of a service, a migration or a job is started."""

from __future__ import annotations

from typing import Any

from seatrial.resources import environment
from seatrial.resources.context import Context, release
from seatrial.resources.graph import Json, Ref, Resource

USER = "10001:10001"  # nobody's number in the generated images; never root


def family(context: Context, name: str) -> str:
    """Return the family of a task definition."""
    return context.name("service", name)


def definition(
    context: Context,
    noun: str,
    name: str,
    service_name: str,
    command: tuple[str, ...] | None,
    family_name: str,
    group: str,
    *,
    serves: bool,
) -> Resource:
    """Return a task definition; ``serves`` where the task listens on its port."""
    service = context.app.services[service_name]
    role = Ref("aws_iam_role", f"{service_name}_execution", "arn")
    return release(
        noun,
        "aws_ecs_task_definition",
        name,
        family=family_name,
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(service.cpu),
        memory=str(service.memory),
        execution_role_arn=role,
        task_role_arn=Ref("aws_iam_role", f"{service_name}_task", "arn"),
        runtime_platform=[
            {"operating_system_family": "LINUX", "cpu_architecture": service.platform.upper()}
        ],
        volume=[{"name": "tmp"}],
        skip_destroy=True,
        container_definitions=Json(
            [_container(context, service_name, command, group, name, serves=serves)]
        ),
    )


def _container(
    context: Context,
    name: str,
    command: tuple[str, ...] | None,
    group: str,
    stream: str,
    *,
    serves: bool,
) -> dict[str, Any]:
    service = context.app.services[name]
    found = environment.of(context, name)
    container: dict[str, Any] = {
        "name": name,
        "image": environment.image(context, name),
        "essential": True,
        "environment": [{"name": k, "value": v} for k, v in sorted(found.plain.items())],
        "secrets": [{"name": k, "valueFrom": v} for k, v in sorted(found.secret.items())],
        "linuxParameters": {"initProcessEnabled": True},
        "readonlyRootFilesystem": True,
        "user": USER,
        "stopTimeout": service.stop,
        "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}],  # noqa: S108
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": Ref("aws_cloudwatch_log_group", group, "name"),
                "awslogs-region": context.app.region,
                "awslogs-stream-prefix": stream,
                "mode": "non-blocking",
                "max-buffer-size": "4m",
            },
        },
    }
    if command is not None:
        container["command"] = [environment.resolved(context, word) for word in command]
    if serves and service.port is not None:
        container["portMappings"] = [
            {"containerPort": service.port, "hostPort": service.port, "protocol": "tcp"}
        ]
    return container
