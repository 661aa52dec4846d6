"""What a region offers, from the schemas of cfn-lint (read from AWS weekly), which moto brings.

Sources: cfn-lint's ``data/schemas`` of 2026-10-20. Only what a call names is read, once.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any


@cache
def folder() -> Path:
    """Return where cfn-lint keeps its schemas, without importing it."""
    found = importlib.util.find_spec("cfnlint")
    if found is None or found.origin is None:
        raise RuntimeError("cfn-lint is not installed; moto[server] brings it")
    return Path(found.origin).parent / "data" / "schemas"


def _json(path: str) -> Any:
    return json.loads((folder() / path).read_text(encoding="utf-8"))


@cache
def types(region: str) -> dict[str, str]:
    """Return the CloudFormation types of a region, each with the name of its schema's file."""
    path = f"providers/{region}.json"
    found: dict[str, str] = _json(path) if (folder() / path).exists() else {}
    return found


@cache
def schema(region: str, kind: str) -> dict[str, Any]:
    """Return a type's schema in a region; empty where the region lacks it."""
    name = types(region).get(kind)
    found: dict[str, Any] = _json(f"resources/{name}.json") if name else {}
    return found


@cache
def database_classes(region: str, engine: str) -> frozenset[str]:
    """Return the instance classes that RDS offers for an engine; empty where nothing is known."""
    rules = _json("extensions/aws_rds_dbinstance/dbinstanceclass_enum.json").get(region, {})
    return frozenset(_enums(rules.get("allOf", []), engine, "DBInstanceClass"))


@cache
def database_versions(engine: str) -> frozenset[str]:
    """Return the versions of an engine that RDS has, also those that it only still runs."""
    rules = _json("extensions/aws_rds_dbinstance/engine_version.json")
    return frozenset(_enums(rules.get("allOf", []), engine, "EngineVersion"))


def _enums(rules: list[dict[str, Any]], engine: str, property_: str) -> Iterator[str]:
    """Yield the values of a property that the rules for an engine list."""
    for rule in rules:
        condition = rule.get("if", {}).get("properties", {}).get("Engine", {})
        if engine in (condition.get("const"), *condition.get("enum", ())):
            yield from _listed(rule.get("then", {}).get("properties", {}).get(property_, {}))


def _listed(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (str(value) for value in node.get("enum", ()))
        for key, inner in node.items():
            if key != "enum":
                yield from _listed(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _listed(inner)


@cache
def cache_nodes(region: str) -> frozenset[str]:
    """Return the node types that ElastiCache offers in a region; empty where nothing is known."""
    rules = _json("extensions/aws_elasticache_cachecluster/cachenodetype_enum.json")
    return frozenset(_listed(rules.get(region, {})))
