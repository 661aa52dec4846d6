"""The IAM policies of who deploys an app, who plans, who looks, and of a CI: the least that works.

Derived from the app's graph: the actions that AWS's own schemas name for each type, what the
provider of Terraform calls beside them, and Seatrial's own calls. Split to IAM's size limit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from seatrial.model.app import App
from seatrial.ops.policy import actions
from seatrial.ops.policy.scopes import Place, scoped
from seatrial.resources.catalog import graph

Purpose = Literal["deploy", "look", "ci", "plan"]
PURPOSES: tuple[str, ...] = get_args(Purpose)
# IAM and STS quotas: characters of a managed policy, white space not counted; policies of a role.
LARGEST, MOST = 6144, 10

Statement = dict[str, Any]


@dataclass(frozen=True)
class Policy:
    """One managed policy: its name, and the document as IAM takes it."""

    name: str
    document: dict[str, Any]

    @property
    def text(self) -> str:
        """Return the document without white space, as IAM counts it."""
        return json.dumps(self.document, separators=(",", ":"))


def policies(app: App, account: str, purpose: Purpose) -> list[Policy]:
    """Return what an identity needs for a purpose, in as few policies as hold it."""
    made = graph(app)
    wanted = {
        "deploy": actions.of_deploys,
        "look": actions.of_looks,
        "ci": actions.of_ci,
        "plan": actions.of_plans,
    }[purpose](made)
    place = Place(app, account or "*", reads_objects=purpose in ("deploy", "ci"))
    return _packed(f"seatrial-{app.app}-{app.environment}-{purpose}", scoped(wanted, place))


def _packed(name: str, statements: list[Statement]) -> list[Policy]:
    """Return statements in policies: each as large as IAM allows, a statement cut where needed."""
    documents: list[list[Statement]] = [[]]
    for statement in (part for whole in statements for part in _cut(whole)):
        if documents[-1] and _size([*documents[-1], statement]) > LARGEST:
            documents.append([])
        documents[-1].append(statement)
    return [
        Policy(name if len(documents) == 1 else f"{name}-{number}", _document(rows))
        for number, rows in enumerate(documents, 1)
    ]


def _cut(statement: Statement) -> Iterator[Statement]:
    """Yield a statement in parts of at most half a policy, by its actions."""
    listed = list(statement["Action"])
    step = len(listed)
    while step > 1 and _size([{**statement, "Action": listed[:step]}]) > LARGEST // 2:
        step = step * 3 // 4
    for start in range(0, len(listed), step):
        yield {**statement, "Action": listed[start : start + step]}


def _document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _size(statements: list[Statement]) -> int:
    return len(json.dumps(_document(statements), separators=(",", ":")))
