"""What is there and in no state: found, and taken into it.

A killed Terraform made it and wrote it nowhere; or its name outlives it: a secret is scheduled for
deletion, a log group is made by AWS itself. Without this the next apply meets names that are taken,
and makes a second one of what has no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from graphlib import TopologicalSorter
from typing import Any

from seatrial.cloud import existing, secrets
from seatrial.cloud.session import Session
from seatrial.resources import naming
from seatrial.resources.graph import Address, Expr, Graph, Joined, Json, Ref, Resource, Root

Attributes = Mapping[str, Any]
SECRET, LOG_GROUP = "aws_secretsmanager_secret", "aws_cloudwatch_log_group"
ACCOUNT = ("aws_caller_identity", "current")  # asked for before anything is made


def imports(
    session: Session,
    graph: Graph,
    root: Root,
    states: Iterable[Mapping[str, Any]],
    wanted: Callable[[Resource], bool] = lambda _: True,
) -> list[dict[str, str]]:
    """Return import blocks for a root's resources that exist and that its state does not know.

    ``states`` are both roots' states: what the resources point at is looked up there. Only what is
    ``wanted`` is looked for.
    """
    known: dict[Address, Attributes] = {ACCOUNT: {"account_id": session.target.account}}
    known |= {address: found for state in states for address, found in _held(state)}
    mine = naming.tags(graph.app, graph.environment)
    found = []
    for resource in _ordered(graph, root):
        if resource.address in known or resource.data or not wanted(resource):
            continue
        body = {key: resolved(value, known) for key, value in resource.body.items()}
        identity = existing.find(session, resource.type, body, mine)
        if identity is not None:
            known[resource.address] = {"id": identity, "arn": identity, "name": identity}
            found.append({"to": ".".join(resource.address), "id": identity})
    return found


def outlives(resource: Resource) -> bool:
    """Return whether the name of what is gone may be taken still.

    A secret keeps its name until its recovery window ends (Secrets Manager API reference,
    DeleteSecret); RDS and ECS make the groups that they write to, also just after a destroy.
    """
    if resource.type == LOG_GROUP:
        return str(resource.body["name"]).startswith("/aws/")
    return resource.type == SECRET


def restore(session: Session, graph: Graph, root: Root, held: Iterable[str]) -> list[str]:
    """Bring back secrets that are wanted again before their recovery window has ended.

    Returns their names. ``held`` are the addresses that the state knows.
    """
    mine = naming.tags(graph.app, graph.environment)
    known = set(held)
    own = (r for r in graph.root(root) if r.type == SECRET and not r.data)
    names = [str(r.body["name"]) for r in own if ".".join(r.address) not in known]
    return [name for name in names if secrets.restore(session, name, mine)]


def _held(state: Mapping[str, Any]) -> Iterable[tuple[Address, Attributes]]:
    for row in state.get("resources", ()):
        for instance in row.get("instances", ()):
            yield (row["type"], row["name"]), instance.get("attributes") or {}


def _ordered(graph: Graph, root: Root) -> list[Resource]:
    """Return a root's resources, what is pointed at before what points."""
    points = {r.address: {ref.address for ref in r.refs} for r in graph.resources}
    order = TopologicalSorter(points).static_order()
    return [r for r in (graph.by_address[a] for a in order) if r.root == root]


def resolved(value: Any, known: Mapping[Address, Attributes]) -> Any:
    """Return a value of a resource's body with its pointers followed; None where one leads nowhere.

    A JSON text is left out: no resource is found by one.
    """
    match value:
        case Ref():
            return known.get(value.address, {}).get(value.attribute)
        case Joined(parts):
            found = [resolved(part, known) for part in parts]
            return None if None in found else "".join(map(str, found))
        case Json() | Expr():
            return None
        case Mapping():
            return {key: resolved(item, known) for key, item in value.items()}
        case list() | tuple():
            return [resolved(item, known) for item in value]
        case _:
            return value
