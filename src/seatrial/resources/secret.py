"""A secret: only its container; the value never passes through Terraform."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.secret import KEY, KIND
from seatrial.model.service import Service, Use
from seatrial.resources import access
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined
from seatrial.resources.kind import DATA, Grant, Node, ResourceKind


def build(context: Context) -> Iterator[Resource]:
    """Yield a container for every secret."""
    window = 7 if context.production else 0
    for noun in sorted(context.app.secrets):
        yield foundation(
            f"secrets.{noun}",
            "aws_secretsmanager_secret",
            noun,
            name=context.secret(noun),
            recovery_window_in_days=Expr(f"var.teardown ? 0 : {window}"),
        )


def part(noun: str, key: str = "") -> Ref | Joined:
    """Return where ECS finds a secret's value, or one key of it (ECS API reference, Secret)."""
    arn = Ref("aws_secretsmanager_secret", noun, "arn")
    return joined(arn, f":{key}::") if key else arn


def grants(_context: Context, service: Service, use: Use) -> Iterator[Grant]:
    """Yield who may read a secret: ECS to inject it, and the program that reads it itself."""
    arn = Ref("aws_secretsmanager_secret", use.name, "arn")
    read = access.allow("secretsmanager:GetSecretValue", arn)
    yield Grant("execution", use.name, (read,))
    if use.access == "live" or _mentions_arn(service, use.name):
        actions = ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")
        yield Grant("task", f"{use.name}_live", (access.allow(actions, arn),))


def _mentions_arn(service: Service, noun: str) -> bool:
    """A program that is given a secret's ARN is meant to read it itself."""
    wanted = (f"${{{noun}.arn}}", f"${{{noun}.secret_arn}}")
    return any(text in value for value in service.env.values() for text in wanted)


def _attribute(_: Context, noun: str, attribute: str) -> Ref | Joined:
    return part(noun, attribute.partition(KEY)[2])


def _nodes(app: App) -> Iterator[Node]:
    """All of them are one node."""
    if app.secrets:
        yield Node(NODE, "data", DATA, "secrets", ", ".join(sorted(app.secrets)))


NODE = "/secrets"
RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=_attribute,
    grants=grants,
    nodes=_nodes,
    node_of=lambda _: NODE,
)
