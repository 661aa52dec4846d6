"""A secret: only its container; the value never passes through Terraform.

One that is there already has no container: a data source finds it, by its metadata alone. A
parameter has not even that, since the provider's data source would read its value into the state.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.reader import READ, address
from seatrial.model.secret import KEY, KIND
from seatrial.model.service import Service, Use
from seatrial.resources import access
from seatrial.resources.context import ACCOUNT, Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined
from seatrial.resources.kind import DATA, Grant, Node, ResourceKind


def build(context: Context) -> Iterator[Resource]:
    """Yield a container for every secret, or where it is found."""
    window = 7 if context.production else 0
    for noun, secret in sorted(context.app.secrets.items()):
        if secret.arn:
            owner, body = f"secrets.{noun}", {"arn": secret.arn}
            yield Resource(SECRET, found(noun), "foundation", owner, body, data=True)
        if secret.existing:
            continue
        yield foundation(
            f"secrets.{noun}",
            SECRET,
            noun,
            name=context.secret(noun),
            recovery_window_in_days=Expr(f"var.teardown ? 0 : {window}"),
        )


def part(noun: str, key: str = "", stage: str = "") -> Ref | Joined:
    """Return where ECS finds a secret's value, or one key of it (ECS API reference, Secret).

    ``stage`` is the version's, AWSCURRENT where none is named.
    """
    arn = Ref(SECRET, noun, "arn")
    return joined(arn, f":{key}:{stage}:") if key else arn


def found(noun: str) -> str:
    """Return the address of what finds a secret: its container, if it had one, stays apart, so
    that a release that is rolled back still has it.
    """
    return f"{noun}_found"


def parameter(context: Context, name: str) -> Joined:
    """Return the ARN of a parameter; its name's first slash is the ARN's own."""
    start = f"arn:aws:ssm:{context.app.region}:"
    return joined(start, ACCOUNT, f":parameter/{name.removeprefix('/')}")


def grants(context: Context, service: Service, use: Use) -> Iterator[Grant]:
    """Yield who may read a secret: ECS to inject it, and the program that reads it itself."""
    if use.access == READ:
        arn: Ref | Joined = Ref(SECRET, address(use.name), "arn")
        yield Grant("execution", address(use.name), (access.allow(VALUE, arn),))
        return
    secret = context.app.secrets.get(use.name)  # none: a database's
    if secret and secret.parameter:
        arn = parameter(context, secret.parameter)
        read = access.allow("ssm:GetParameters", arn)
    else:
        arn = Ref(SECRET, found(use.name) if secret and secret.arn else use.name, "arn")
        read = access.allow(VALUE, arn)
    decrypt = [access.allow("kms:Decrypt", secret.kms)] if secret and secret.kms else []
    yield Grant("execution", use.name, (read, *decrypt))
    if use.access == "live" or _mentions_arn(service, use.name):
        actions = (VALUE, "secretsmanager:DescribeSecret")
        yield Grant("task", f"{use.name}_live", (access.allow(actions, arn), *decrypt))


def _mentions_arn(service: Service, noun: str) -> bool:
    """A program that is given a secret's ARN is meant to read it itself."""
    wanted = (f"${{{noun}.arn}}", f"${{{noun}.secret_arn}}")
    return any(text in value for value in service.env.values() for text in wanted)


def _attribute(context: Context, noun: str, attribute: str) -> Ref | Joined:
    if name := context.app.secrets[noun].parameter:
        return parameter(context, name)
    address = found(noun) if context.app.secrets[noun].arn else noun
    return part(address, attribute.partition(KEY)[2])


def _nodes(app: App) -> Iterator[Node]:
    """All of them are one node."""
    if app.secrets:
        yield Node(NODE, "data", DATA, "secrets", ", ".join(sorted(app.secrets)))


def _endpoints(app: App) -> tuple[str, ...]:
    """ECS fetches parameters through the task's own network interface."""
    return ("ssm",) if any(secret.parameter for secret in app.secrets.values()) else ()


NODE = "/secrets"
SECRET = "aws_secretsmanager_secret"  # noqa: S105  # a type's name
VALUE = "secretsmanager:GetSecretValue"
RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=_attribute,
    grants=grants,
    nodes=_nodes,
    node_of=lambda _: NODE,
    more_endpoints=_endpoints,
)
