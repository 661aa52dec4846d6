"""Every AWS operation that Seatrial's own code calls, read from its sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import measure
from botocore import xform_name
from botocore.session import get_session

SOURCES = Path(__file__).parents[1] / "src" / "seatrial"
PLAIN = ("acm", "ec2", "ecr", "ecs", "elbv2", "iam", "logs", "rds", "route53", "s3", "sns", "sqs")
HELPERS = ("get_paginator", "get_waiter", "can_paginate", "meta", "exceptions", "close")


def operations() -> set[tuple[str, str]]:
    """Return service and operation (``ecs``, ``DescribeServices``) of every call."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(measure.parsed(path)):
            if isinstance(node, ast.FunctionDef):
                found |= set(_of_function(node))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found |= set(_as_data(node.func.id, node.args))
    named = {(service, _operation(service, name)) for service, name in found}
    return {(service, name) for service, name in named if name}


def _as_data(function: str, given: list[ast.expr]) -> Iterator[tuple[str, str]]:
    """Yield what the account is asked for as data: ``Listing(kind, service, operation, ...)``."""
    first = {"Listing": 1, "asked": 0}.get(function)
    words = given[first : first + 2] if first is not None else []
    match words:
        case [ast.Constant(str(service)), ast.Constant(str(operation))]:
            yield service, operation
        case _:
            return


def _of_function(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield the calls on clients that a function makes or is handed by name."""
    clients: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            _remember(node.targets[0], node.value, clients)
    for node in ast.walk(function):
        if not isinstance(node, ast.Attribute):
            continue
        service = _service(node.value, clients)
        if service and node.attr not in HELPERS:
            yield service, node.attr
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            service = _service(node.func.value, clients)
            name = node.args[0]
            if service and node.func.attr == "get_paginator" and isinstance(name, ast.Constant):
                yield service, str(name.value)


def _remember(target: ast.expr, value: ast.expr, clients: dict[str, str]) -> None:
    pairs = [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = list(zip(target.elts, value.elts, strict=True))
    for left, right in pairs:
        if isinstance(left, ast.Name) and (service := _service(right, clients)):
            clients[left.id] = service


def _service(node: ast.expr, clients: dict[str, str]) -> str:
    """Return the service of a client: a name that holds one, or ``x.client("ecs")``.

    A client that a function is handed has the name of its service.
    """
    if isinstance(node, ast.Name):
        return clients.get(node.id, node.id if node.id in PLAIN else "")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        at = {"client": 0, "at": 1}.get(node.func.attr)
        if at is not None and len(node.args) > at and isinstance(node.args[at], ast.Constant):
            return str(node.args[at].value)  # type: ignore[attr-defined]
    return ""


def _operation(service: str, method: str) -> str:
    """Return the operation of a client's method; empty for what is none (a module of this name)."""
    return _names(service).get(method, "")


@cache
def _names(service: str) -> dict[str, str]:
    """Return a service's operations by the name of their method."""
    names = get_session().get_service_model(service).operation_names
    return {xform_name(name): name for name in names}
