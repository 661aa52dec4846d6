"""Texts with a secret inside: one secret for each service that has some, by the variables' names.

Each text is a key of the JSON, named by its variable and its template: a release that is rolled
back finds its own, and another template is another task definition.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.resources import access, naming
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined

SECRET = "aws_secretsmanager_secret"  # noqa: S105  # a type's name


def address(service: str) -> str:
    """Return the address of the secret of a service's texts; no noun's name has this form."""
    return f"{service}_env"


def key(variable: str, text: str) -> str:
    """Return the key of a text in the secret's JSON."""
    return f"{variable}-{naming.digest(text)}"


def part(service: str, variable: str, text: str) -> Joined:
    """Return where ECS finds a text."""
    return joined(Ref(SECRET, address(service), "arn"), f":{key(variable, text)}::")


def build(context: Context, noun: str, service: str) -> Iterator[Resource]:
    """Yield the secret of a service's texts, and who may read it."""
    window = 7 if context.production else 0
    yield foundation(
        noun,
        SECRET,
        address(service),
        name=context.secret(f"{service}/env"),
        description=f"variables of {service} that have a secret inside",
        recovery_window_in_days=Expr(f"var.teardown ? 0 : {window}"),
    )
    read = access.allow("secretsmanager:GetSecretValue", Ref(SECRET, address(service), "arn"))
    yield access.grant(noun, f"{service}_execution", "env", access.policy(read))
