"""A job: a schedule that starts a task with a service's image, roles and variables."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.job import KIND, Job
from seatrial.model.schedule import expression
from seatrial.resources import access, task
from seatrial.resources.cluster import CLUSTER
from seatrial.resources.context import ACCOUNT, Context, foundation, release
from seatrial.resources.graph import Ref, Resource, joined
from seatrial.resources.kind import SERVICE, Node, ResourceKind
from seatrial.resources.service import placement


def build(context: Context) -> Iterator[Resource]:
    """Yield the scheduler's role, and each job's task definition and schedule."""
    if not context.app.jobs:
        return
    yield foundation("jobs", "aws_scheduler_schedule_group", "main", name=context.name("schedule"))
    for name, job in sorted(context.app.jobs.items()):
        noun = f"jobs.{name}"
        yield access.role(
            context, noun, f"{name}_scheduler", access.trust(context, "scheduler", "scheduler")
        )
        yield access.grant(
            noun, f"{name}_scheduler", "run", access.policy(*_run(context, name, job))
        )
        yield task.definition(
            context,
            name,
            noun=noun,
            service=job.service,
            command=job.command,
            group=name,
            serves=False,
        )
        yield _schedule(context, name, job)


def _run(context: Context, name: str, job: Job) -> Iterator[dict[str, object]]:
    families = joined(
        f"arn:aws:ecs:{context.app.region}:",
        ACCOUNT,
        f":task-definition/{task.family(context, name)}:*",
    )
    yield access.allow("ecs:RunTask", families, sid="Run")
    yield access.allow(
        "iam:PassRole",
        *(Ref("aws_iam_role", f"{job.service}_{kind}", "arn") for kind in ("execution", "task")),
        sid="Pass",
    )
    yield access.allow(
        "ecs:TagResource",
        joined(f"arn:aws:ecs:{context.app.region}:", ACCOUNT, f":task/{context.name('service')}/*"),
        sid="Tag",
    )


def _schedule(context: Context, name: str, job: Job) -> Resource:
    parameters = {
        "task_definition_arn": Ref("aws_ecs_task_definition", name, "arn"),
        "task_count": 1,
        "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}],
        "network_configuration": [placement(context, job.service)],
    }
    return release(
        f"jobs.{name}",
        "aws_scheduler_schedule",
        name,
        name=context.name("schedule", name),
        group_name=Ref("aws_scheduler_schedule_group", "main", "name"),
        schedule_expression=expression(job.schedule),
        schedule_expression_timezone=job.timezone,
        flexible_time_window=[{"mode": "OFF"}],
        target=[
            {
                "arn": CLUSTER,
                "role_arn": Ref("aws_iam_role", f"{name}_scheduler", "arn"),
                "ecs_parameters": [parameters],
                "retry_policy": [{"maximum_retry_attempts": 2}],
            }
        ],
    )


def _nodes(app: App) -> Iterator[Node]:
    for name, job in sorted(app.jobs.items()):
        yield Node(name, "run", SERVICE, name, f"job: {job.schedule}")


RESOURCES = ResourceKind(of=KIND, build=build, nodes=_nodes)
