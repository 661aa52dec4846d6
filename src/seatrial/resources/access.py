"""Who may do what: two roles a service, each grant a policy of its own, made from ``uses``.

The execution role is ECS's (image, logs, secrets to inject); the task role is the program's.
A grant's name carries its access, so that the union of two graphs holds both grants.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seatrial.errors import Problem, UserError
from seatrial.resources import naming
from seatrial.resources.context import ACCOUNT, Context, foundation
from seatrial.resources.graph import Address, Joined, Json, Ref, Resource, joined
from seatrial.resources.kind import Grant

# What pulling an image takes (ECR user guide, "Using Amazon ECR images with Amazon ECS").
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
# A finished image in some account's registry: account, region, repository.
MOST_POLICY = 10_240  # characters of a role's inline policies (IAM user guide, "IAM quotas")
MANY, PARTS = 20, 8  # so many grants of one role become so few policies
LONGEST_ARN_START = 52  # an ARN without region and name: a secret's, with what AWS puts at its end
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
        granted = [
            g for use, kind in context.used(service) for g in kind.grants(context, service, use)
        ]
        for found in (*_together(granted, "execution"), *_together(granted, "task")):
            document = policy(*found.statements)
            yield grant(noun, f"{name}_{found.role}", found.name, document)


def _together(granted: list[Grant], role_name: str) -> list[Grant]:
    """Return a role's grants; many alike become a few, since a role's policies have a limit.

    They are dealt out by name, and each few is named by what it holds: so that one more changes
    one of them, and the union of two graphs holds all of both.
    """
    own = [g for g in granted if g.role == role_name]
    alike: dict[tuple[str, int], list[Grant]] = {}
    for found in own:
        actions = str(found.statements[0]["Action"])
        if len(own) > MANY and len(found.statements) == 1 and "Sid" not in found.statements[0]:
            alike.setdefault((actions, int(naming.digest(found.name), 36) % PARTS), []).append(
                found
            )
    combined = {id(g) for few in alike.values() for g in few}
    return [g for g in own if id(g) not in combined] + [_one(few) for few in alike.values()]


def _one(part: list[Grant]) -> Grant:
    statement = part[0].statements[0]
    resources = [resource for g in part for resource in g.statements[0]["Resource"]]
    name = f"several_{naming.digest(' '.join(sorted(g.name for g in part)))}"
    return Grant(part[0].role, name, ({**statement, "Resource": resources},))


def refuse(resources: Iterable[Resource], region: str) -> None:
    """Refuse roles whose policies are longer than IAM takes; raises UserError, all at once.

    ARNs are not known yet: each is counted with the length of its kind.
    """
    names = {r.address: str(r.body.get("name") or r.body.get("bucket") or "") for r in resources}
    sizes, nouns = dict[str, int](), dict[str, str]()
    for resource in resources:
        if resource.type == "aws_iam_role_policy" and isinstance(resource.body["role"], Ref):
            text = _text(resource.body["policy"].value, names, region)
            role_name = resource.body["role"].name
            sizes[role_name] = sizes.get(role_name, 0) + len(text)
            nouns[role_name] = resource.noun
    problems = [
        Problem(
            "appfile-grants",
            f"the policies of role `{name}` have about {size:,} characters, and IAM takes "
            f"{MOST_POLICY:,} of a role",
            "Let the service use fewer nouns: keep several values in one secret (a JSON document), "
            "or several folders in one bucket.",
            f"{nouns[name]}.uses",
        )
        for name, size in sizes.items()
        if size > MOST_POLICY
    ]
    if problems:
        raise UserError(*problems)


def _text(document: Any, names: Mapping[Address, str], region: str) -> str:
    """Return a policy as IAM counts it: without white space, with ARNs of a likely length."""

    def plain(value: Any) -> str:
        if isinstance(value, Joined):
            return "".join(part if isinstance(part, str) else plain(part) for part in value.parts)
        name = names.get(value.address, "") if isinstance(value, Ref) else ""
        return "x" * (LONGEST_ARN_START + len(region) + len(name))

    return json.dumps(document, default=plain, separators=(",", ":"))


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
