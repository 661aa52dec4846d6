"""A Terraform plan, read from ``terraform show -json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["create", "change", "replace", "destroy"]
_ACTIONS: dict[tuple[str, ...], Action] = {
    ("create",): "create",
    ("update",): "change",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "destroy",
}


@dataclass(frozen=True)
class Change:
    """One resource that would change; ``because`` are the attributes that force a replacement."""

    type: str
    name: str
    action: Action
    because: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an apply would do to one root."""

    changes: tuple[Change, ...]


def parse(document: dict[str, Any]) -> Plan:
    """Return the plan of a ``show -json`` document (format 1.x, HashiCorp's JSON output format)."""
    found = []
    for row in document.get("resource_changes", []):
        change = row["change"]
        action = _ACTIONS.get(tuple(change["actions"]))
        if action is None or row.get("mode") != "managed":
            continue
        paths = change.get("replace_paths") or []
        because = tuple(sorted({".".join(map(str, path)) for path in paths}))
        found.append(Change(row["type"], row["name"], action, because, _changed(change)))
    return Plan(tuple(found))


def _changed(change: dict[str, Any]) -> tuple[str, ...]:
    before, after = change.get("before") or {}, change.get("after") or {}
    unknown = change.get("after_unknown") or {}
    keys = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return tuple(sorted(keys | {key for key, value in unknown.items() if value is True}))
