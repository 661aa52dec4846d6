"""The schemas that cfn-lint carries, read one by one as they are needed.

Formats: cfn-lint 1.58, ``data/schemas/providers/REGION.json`` (type to file) and ``resources/``
(CloudFormation's registry schemas, patched by cfn-lint), ``extensions/`` (what those do not say:
classes and versions, by region).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
ANYWHERE = "us-east-1"  # the region that has every type, CloudFront's and Budgets' among them


@cache
def _folder() -> Path:
    """Return where cfn-lint's schemas lie; found without importing cfn-lint, which takes long."""
    found = find_spec("cfnlint")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("cfn-lint, which the package seatrial depends on")
    return Path(found.submodule_search_locations[0]) / "data" / "schemas"


@cache
def _types(region: str) -> dict[str, str]:
    """Return the file of each type in a region; none for a region that has no data."""
    path = _folder() / "providers" / f"{region}.json"
    return _read(path) if path.is_file() else {}


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


@cache
def schema(kind: str, region: str) -> Schema | None:
    """Return a type's schema; None where AWS does not offer it in that region.

    A region without data counts as ``us-east-1``.
    """
    types = _types(region) or _types(ANYWHERE)
    name = types.get(kind)
    return _read(_folder() / "resources" / f"{name}.json") if name else None


@cache
def extension(path: str, region: str) -> Schema | None:
    """Return what a file of extensions says; one by region says nothing where that is missing.

    Of a file by region, which may have 4 MB, only the region's part is parsed.
    """
    text = (_folder() / "extensions" / f"{path}.json").read_bytes()
    if f'\n "{ANYWHERE}": {{'.encode() not in text:
        whole: Schema = json.loads(text)
        return whole
    _, found, rest = text.partition(f'\n "{region}": '.encode())
    part: Schema | None = json.loads(rest.partition(b"\n }")[0] + b"}") if found else None
    return part


@cache
def actions(kind: str) -> frozenset[str]:
    """Return the IAM actions that a type's own handlers take, all of its life."""
    handlers = (schema(kind, ANYWHERE) or {}).get("handlers", {})
    rows = (row.get("permissions", ()) for row in handlers.values())
    return frozenset(action for row in rows for action in row)
