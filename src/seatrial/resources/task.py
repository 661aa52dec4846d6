"""Task definitions: how one task of a service, a migration or a job is started."""

from __future__ import annotations

from typing import Any

from seatrial.resources import environment
from seatrial.resources.context import Context, release
from seatrial.resources.graph import Expr, Json, Ref, Resource

USER = "10001:10001"  # nobody's number in the generated images; never root


def family(context: Context, name: str) -> str:
    """Return the family of a task definition."""
    return context.name("service", name)


def definition(
    context: Context,
    name: str,
    *,
    noun: str,
    service: str,
    command: tuple[str, ...] | None,
    group: str,
    serves: bool,
) -> Resource:
    """Return a task definition with a service's image, roles and variables.

    ``group`` is the address of its log group; ``serves`` where the task listens on its port.
    """
    sizes = context.app.services[service]
    made = _container(context, service, command=command, group=group, stream=name, serves=serves)
    return release(
        noun,
        "aws_ecs_task_definition",
        name,
        family=family(context, name.replace("_", "-")),
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(sizes.cpu),
        memory=str(sizes.memory),
        execution_role_arn=Ref("aws_iam_role", f"{service}_execution", "arn"),
        task_role_arn=Ref("aws_iam_role", f"{service}_task", "arn"),
        runtime_platform=[
            {"operating_system_family": "LINUX", "cpu_architecture": sizes.platform.upper()}
        ],
        volume=[{"name": "tmp"}],
        skip_destroy=True,
        container_definitions=Json([made]),
    )


def _container(
    context: Context,
    name: str,
    *,
    command: tuple[str, ...] | None,
    group: str,
    stream: str,
    serves: bool,
) -> dict[str, Any]:
    service = context.app.services[name]
    found = environment.of(context, name)
    image = environment.image(context, name)
    made = container(context, name, image=image, given=found, group=group, stream=stream)
    made["stopTimeout"] = service.stop
    if service.entrypoint is not None:
        words = [environment.resolved(context, word) for word in service.entrypoint]
        made["entryPoint"] = words
    if command is not None:
        made["command"] = [environment.resolved(context, word) for word in command]
    if serves and service.port is not None:
        made["portMappings"] = [
            {"containerPort": service.port, "hostPort": service.port, "protocol": "tcp"}
        ]
    return made


def container(
    context: Context,
    name: str,
    *,
    image: str | Expr,
    given: environment.Environment,
    group: str,
    stream: str,
) -> dict[str, Any]:
    """Return a container as every task of ours has it: not root, nothing to write but ``/tmp``."""
    return {
        "name": name,
        "image": image,
        "essential": True,
        "environment": [{"name": k, "value": v} for k, v in sorted(given.plain.items())],
        "secrets": [{"name": k, "valueFrom": v} for k, v in sorted(given.secret.items())],
        "linuxParameters": {"initProcessEnabled": True},
        "readonlyRootFilesystem": True,
        "user": USER,
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
