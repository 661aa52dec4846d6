"""The JSON Schema that editors use to complete and check an app file."""

from __future__ import annotations

from typing import Any

from seatrial.model.app import App

# What a short form may be, where the long form is an object: the schema must accept both.
_SHORT: dict[str, list[dict[str, Any]]] = {
    "Health": [{"type": "string"}],
    "Public": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    "Count": [{"type": ["integer", "string"]}],
    "Use": [
        {"type": "string"},
        {"type": "object", "maxProperties": 1, "additionalProperties": {"type": "string"}},
    ],
    "Secret": [{"const": "by-hand"}],
    "Edge": [{"enum": ["cdn", "balancer"]}],
}


def schema() -> dict[str, Any]:
    """Return the schema, short forms included."""
    document = App.model_json_schema(by_alias=True)
    for name, shorts in _SHORT.items():
        document["$defs"][name] = {"anyOf": [*shorts, document["$defs"][name]]}
    document = dict(_loosen(document))
    document["properties"].pop("environment", None)
    document["properties"]["environments"] = {
        "type": "object",
        "description": "Overlays on this file, by environment.",
        "additionalProperties": {"type": "object"},
    }
    document["patternProperties"] = {"^x-": {}}
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["title"] = "seatrial.yml"
    return document


def _loosen(node: Any) -> Any:
    """Let numbers carry units (``1 GB``) and let commands be text: the file is typed by us."""
    if isinstance(node, list):
        return [_loosen(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "integer":
        node = {k: v for k, v in node.items() if k in ("description", "default", "examples")}
        return {**node, "type": ["integer", "number", "string"]}
    if node.get("type") == "string":
        return {**node, "type": ["string", "number"]}
    if node.get("type") == "array":
        return {"anyOf": [{"type": "string"}, {**node, "items": _loosen(node.get("items", {}))}]}
    return {key: _loosen(value) for key, value in node.items()}
