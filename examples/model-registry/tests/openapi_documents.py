"""The registry's own OpenAPI document, the course's published one, and how they differ.

The published document (3.4.7, Apache-2.0) is a file of others and not in this repository: tests
that need it look for it beside the clone. ``python openapi_documents.py`` rewrites our own.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from sqlalchemy import create_engine

from helpers import ROOT
from registry.main import create
from registry.settings import Settings
from registry.sources.github import GitHub
from registry.sources.huggingface import HuggingFace
from registry.store import Registry
from seatrial_runtime.settings import Secret

OWN = ROOT / "examples" / "model-registry" / "openapi.json"
PUBLISHED = ROOT.parent / "shared" / "data" / "model-registry-openapi.yaml"
METHODS = ("get", "put", "post", "delete")

# An address is of one type; the other two are 400. An expression that is none, or that RE2 does not
# know, is 400 by the operation's own text. An id and a name that are not the path's are 400 too.
SEMANTIC = (
    "POST /artifact/{artifact_type}",
    "POST /artifact/byRegEx",
    "PUT /artifacts/{artifact_type}/{id}",
)
MODELS = ("google-bert/bert-base-uncased", "parvk11/audience_classifier_model")
ADDRESSES = [
    *(f"https://huggingface.co/{name}" for name in MODELS),
    "https://huggingface.co/datasets/bookcorpus",
    "https://github.com/google-research/bert",
]
PROJECTS = [f"https://github.com/{n}" for n in ("google-research/bert", "gnu/thing", "no/such")]


def published() -> dict[str, Any]:
    """Return the published document; skips the test where it is not beside the clone."""
    if not PUBLISHED.exists():
        pytest.skip("needs the course's contract: ../shared/data/model-registry-openapi.yaml")
    # YAML's dates in examples become texts
    text = json.dumps(yaml.safe_load(PUBLISHED.read_text()), default=str)
    return cast("dict[str, Any]", json.loads(text))


def generated() -> dict[str, Any]:
    """Return the document that the application makes of itself; nothing is connected to."""
    settings_ = Settings(Secret("-"), Secret("-"))
    engine = create_engine("postgresql+psycopg://")
    sources = HuggingFace(settings_.hf_endpoint), GitHub(settings_.github_api, None)
    app = create(Registry(settings_, engine, cast("Any", None), *sources))
    return cast("dict[str, Any]", app.openapi())


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return a document's operations by path and method."""
    return {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def required(document: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    """Return the properties that the body of an operation must have."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    schema = schema.get("items", schema)
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return set(schema.get("required", ()))


def tried() -> dict[str, Any]:
    """Return the copy that a machine tries."""
    made = copy.deepcopy(published())
    paths, schemas = made["paths"], made["components"]["schemas"]
    # windowMinutes has a range and no answer for what lies outside it.
    paths["/health/components"]["get"]["responses"]["400"] = {"description": "Out of range."}
    # The deployment guide logs in by POST; the contract by PUT only.
    text = {"type": "string"}
    login = {"type": "object", "required": ["username", "password"],
            "properties": {"username": text, "password": text}}  # fmt: skip
    paths["/authenticate"]["post"] = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": login}}},
        "responses": {code: {"description": "As for PUT."} for code in ("200", "400", "401")},
    }
    # Most of the world's addresses are no "downloadable url pointing to a bundle": the fixtures'.
    schemas["ArtifactData"]["properties"]["url"]["enum"] = ADDRESSES
    schemas["SimpleLicenseCheckRequest"]["properties"]["github_url"]["enum"] = PROJECTS
    # "Offset in pagination": ours are numbers. Names: all, or any.
    schemas["EnumerateOffset"] |= {"pattern": "^[0-9]{0,15}$"}
    schemas["ArtifactQuery"]["properties"]["name"] = {
        "anyOf": [{"type": "string", "enum": ["*"]}, {"$ref": "#/components/schemas/ArtifactName"}]
    }
    _link(paths)
    return made


def _link(paths: dict[str, Any]) -> None:
    """No operation of the contract says where an id comes from: creation and listing tell."""
    users = [
        (path, method)
        for path, operations in paths.items()
        for method in operations
        if "{id}" in path and method in ("get", "put", "post", "delete")
    ]
    for path, code, at in (
        ("/artifact/{artifact_type}", "201", "metadata/"),
        ("/artifacts", "200", "0/"),
    ):
        links = paths[path]["post"]["responses"][code]["links"] = {}
        for number, (used, method) in enumerate(users):
            given = {"id": f"$response.body#/{at}id"}
            if "{artifact_type}" in used:
                given["artifact_type"] = f"$response.body#/{at}type"
            reference = f"#/paths/{used.replace('/', '~1')}/{method}"
            links[f"use{number}"] = {"operationRef": reference, "parameters": given}


def settings(folder: Path) -> Path:
    """Write which checks do not hold for which operation, and return the file."""
    rows = "".join(
        f'[[operations]]\ninclude-name = "{name}"\n'
        "checks.positive_data_acceptance.enabled = false\n\n"
        for name in SEMANTIC
    )
    # Not TRACE, nor GET with a body: the edge refuses them, and the app never sees them.
    methods = '["PUT", "POST", "DELETE", "PATCH"]'
    phase = f"[phases.coverage]\nunexpected-methods = {methods}\n\n"
    file = folder / "schemathesis.toml"
    file.write_text(phase + rows)
    return file


if __name__ == "__main__":
    OWN.write_text(json.dumps(generated(), indent=2) + "\n")
