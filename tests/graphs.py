"""Graphs of small apps for the tests of resources: a resource, a task's variables, its grants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seatrial.errors import AppFileError
from seatrial.model.app import App
from seatrial.resources.graph import Graph, Resource

Make = Callable[..., App]


HEAD = "app: shop\nregion: us-east-1\n"


API = "services: {api: {build: ./api, command: run, port: 8000, public: /, uses: [%s]}}\n"


def one(made: Graph, type_: str, name: str) -> Resource:
    """Return a resource."""
    return made.by_address[(type_, name)]


def variables(made: Graph, service: str) -> dict[str, Any]:
    """Return a service's plain variables."""
    body = one(made, "aws_ecs_task_definition", service).body
    return {
        row["name"]: row["value"] for row in body["container_definitions"].value[0]["environment"]
    }


def actions(made: Graph, name: str) -> set[str]:
    """Return what a grant allows."""
    statements = one(made, "aws_iam_role_policy", name).body["policy"].value["Statement"]
    return {action for row in statements for action in row["Action"]}


def refused(app: Make, text: str) -> list[str]:
    """Return the codes of everything that is wrong with a file."""
    with pytest.raises(AppFileError) as raised:
        app(text)
    return [problem.code for problem in raised.value.problems]
