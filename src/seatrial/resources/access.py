"""Who may do what: two roles a service, each grant a policy of its own, made from ``uses``.

The execution role is ECS's (image, logs, secrets to inject); the task role is the program's.
A grant's name carries its access, so that the union of two graphs holds both grants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seatrial.resources.context import ACCOUNT, Context, foundation
from seatrial.resources.graph import Json, Ref, Resource, joined

# What pulling an image takes (ECR user guide, "Using Amazon ECR images with Amazon ECS").
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
# A finished image in some account's registry: account, region, repository.
ECR_IMAGE = re.compile(r"^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^@:]+)[@:]")


def policy(*statements: dict[str, Any]) -> Json:
    """Return a policy document."""
    return Json({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    actions: tuple[str, ...] | str, *resources: Any, sid: str | None = None
) -> dict[str, Any]:
    """Return one statement that allows something on named resources."""
    listed = actions if isinstance(actions, str) else sorted(actions)
    statement = {"Effect": "Allow", "Action": listed, "Resource": list(resources)}
    return {"Sid": sid, **statement} if sid else statement


def tls_only(actions: str, *resources: Any) -> dict[str, Any]:
    """Return the statement of a resource's own policy that refuses whoever speaks without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": list(resources) if len(resources) > 1 else resources[0],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def trust(context: Context, service: str, source: str) -> Json:
    """Return the trust of an AWS service, limited to this account (the confused deputy)."""
    return policy(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {
                    "aws:SourceArn": joined(
                        f"arn:aws:{source}:{context.app.region}:", ACCOUNT, ":*"
                    )
                },
            },
        }
    )


def role(context: Context, noun: str, name: str, trusted: Json) -> Resource:
    """Return a role on the path that only this app's roles have."""
    return foundation(
        noun,
        "aws_iam_role",
        name,
        assume_role_policy=trusted,
        name=context.global_name("role", name.replace("_", "-")),
        path=f"/seatrial/{context.app.app}/{context.app.environment}/",
    )


def grant(noun: str, role_name: str, what: str, document: Json) -> Resource:
    """Return one inline policy of a role."""
    name = f"{role_name}_{what}"
    return foundation(
        noun,
        "aws_iam_role_policy",
        name,
        name=what.replace("_", "-"),
        role=Ref("aws_iam_role", role_name, "name"),
        policy=document,
    )


def build(context: Context) -> Iterator[Resource]:
    """Yield the roles of every service and their grants."""
    for name, service in sorted(context.app.services.items()):
        noun = f"services.{name}"
        for which in ("execution", "task"):
            yield role(context, noun, f"{name}_{which}", trust(context, "ecs-tasks", "ecs"))
        yield grant(noun, f"{name}_execution", "start", policy(*_start(context, name)))
        for use, kind in context.used(service):
            for found in kind.grants(service, use):
                document = policy(*found.statements)
                yield grant(noun, f"{name}_{found.role}", found.name, document)


def _repository(context: Context, name: str) -> Ref | str | None:
    """Return the ARN of the ECR repository that a service's image is pulled from."""
    if build_name := context.build_of(name):
        return Ref("aws_ecr_repository", build_name, "arn")
    if found := ECR_IMAGE.match(context.app.services[name].image or ""):
        account, region, repository = found.groups()
        return f"arn:aws:ecr:{region}:{account}:repository/{repository}"
    return None


def _start(context: Context, name: str) -> Iterator[dict[str, Any]]:
    if repository := _repository(context, name):
        yield allow("ecr:GetAuthorizationToken", "*", sid="Registry")  # AWS has nothing narrower
        yield allow(PULL, repository, sid="Image")
    groups = [name, *(n for n, j in sorted(context.app.jobs.items()) if j.service == name)]
    streams = [joined(Ref("aws_cloudwatch_log_group", g, "arn"), ":log-stream:*") for g in groups]
    yield allow(("logs:CreateLogStream", "logs:PutLogEvents"), *streams, sid="Logs")
