"""Let `check` judge what was written; what it refuses is left out, and said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from seatrial.appfile import load, text, tree
from seatrial.discovery import render
from seatrial.discovery.document import Document
from seatrial.errors import Problem

MOST = 80  # values that are left out before giving up


def settle(document: Document, path: Path) -> list[Problem]:
    """Take out what `check` refuses; returns the problems that no removal ends."""
    for _ in range(MOST):
        problems = problems_of(document, path)
        if not problems or not _remove(document, problems[0]):
            return problems
    return problems_of(document, path)


def problems_of(document: Document, path: Path) -> list[Problem]:
    """Return what `check` says about a document, as if it were the file at a path."""
    source = text.clean(path.name, render.text(document))
    return load.check(load.AppFile(path, tree.parse(source)))


def _remove(document: Document, problem: Problem) -> bool:
    """Remove the value that a problem names, or the nearest one around it."""
    parts = problem.key.split(".")
    if parts[:2] == ["services", parts[1] if len(parts) > 1 else ""] and parts[2:] in (
        ["build"],
        ["image"],
    ):
        parts = parts[:2]  # a service is nothing without it
    while len(parts) > 1:
        parent: Any = document.raw
        for part in parts[:-1]:
            parent = _inner(parent, part)
        if _inner(parent, parts[-1]) is not None:
            removed = parent.pop(int(parts[-1]) if isinstance(parent, list) else parts[-1])
            shown = yaml.safe_dump(removed, default_flow_style=True, width=1000).split("\n")[0]
            document.left.append(f"`{'.'.join(parts)}: {shown}`: {problem.message}")
            _prune(document.raw)
            return True
        parts = parts[:-1]
    return False


def _inner(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    return None


def _prune(raw: dict[str, Any]) -> None:
    """Drop sections without a name in them."""
    for key in [key for key, value in raw.items() if value == {}]:
        raw.pop(key)
