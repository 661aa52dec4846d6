"""A merged app file to an ``App``, and everything that is wrong with its fields.

Where fields are wrong, the app is made without them, so that what is wrong elsewhere is found in
the same run. What was left out is remembered: a conclusion from it may be wrong.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from seatrial.appfile import explain
from seatrial.model.app import App
from seatrial.model.finding import Finding, Path, touches

# What stands in for a key that every app needs, so that the rest can be judged.
_INSTEAD = {"app": "app", "region": "us-east-1"}
_ROUNDS = 12  # a value of the right shape can show the next mistake


@dataclass(frozen=True)
class Validation:
    """The app without what is wrong, the findings about fields, and the paths left out."""

    app: App | None
    findings: tuple[Finding, ...]
    left_out: frozenset[Path]

    def sound(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings that do not come from a value that was left out."""
        return [
            found
            for found in findings
            if not any(touches(out, why) for out in self.left_out for why in found.grounds)
        ]


def validated(raw: dict[str, Any], left_out: Iterable[Path] = ()) -> Validation:
    """Validate a long form; ``left_out`` are paths whose values were unreadable."""
    findings: dict[tuple[str, Path], Finding] = {}
    out = set(left_out)
    raw = copy.deepcopy(raw)
    for _ in range(_ROUNDS):
        try:
            return Validation(App.model_validate(raw), tuple(findings.values()), frozenset(out))
        except ValidationError as error:
            rows = error.errors(include_url=False)
            # The inner before the outer; of a list the last first, so that removing moves nothing.
            for row in sorted(rows, key=lambda row: len(row["loc"]))[::-1]:
                found = explain.finding(row)
                # What was left out before is not missing, and what held it not too short.
                if not any(path[: len(found.path)] == found.path for path in out):
                    findings.setdefault((found.code, found.path), found)
                out |= _left_out(row, found.path)
                _cut(raw, found.path, missing=row["type"] == "missing")
    return Validation(None, tuple(findings.values()), frozenset(out))


def _left_out(row: ErrorDetails, path: Path) -> set[Path]:
    """Return what the app lacks because of an error; an unknown key may have meant a known one."""
    if row["type"] != "extra_forbidden":
        # An item's number says nothing once it is removed; -1 stands for any item of its list.
        return {(*path[:-1], -1) if path and isinstance(path[-1], int) else path}
    known = explain.keys_at(path[:-1])
    return {(*path[:-1], near) for near in get_close_matches(str(path[-1]), known, n=1)}


def _cut(raw: Any, path: Path, *, missing: bool) -> None:
    """Remove the value at a path; a missing key takes along what cannot be without it."""
    if missing and len(path) == 1 and path[0] in _INSTEAD:
        raw[path[0]] = _INSTEAD[str(path[0])]
        return
    node, parent = raw, None
    if not path:
        return
    for part in path[:-1]:
        try:
            node, parent = node[part], node
        except (KeyError, IndexError, TypeError):
            return
    if path[-1] in _keys(node):
        del node[path[-1]]
    elif parent is not None and path[-2] in _keys(parent):
        del parent[path[-2]]


def _keys(node: Any) -> Any:
    return node if isinstance(node, dict) else range(len(node) if isinstance(node, list) else 0)
