"""The contract, untouched, and the copy of it that a machine tries; every difference says why."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import yaml

from helpers import ROOT

FILE = ROOT / "examples" / "model-registry" / "contract.yaml"

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


def read() -> dict[str, Any]:
    """Return the contract."""
    # YAML's dates in examples become texts
    found: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(FILE.read_text()), default=str))
    return found


def tried() -> dict[str, Any]:
    """Return the copy that a machine tries."""
    made = copy.deepcopy(read())
    paths, schemas = made["paths"], made["components"]["schemas"]
    # windowMinutes has a range and no answer for what lies outside it.
    paths["/health/components"]["get"]["responses"]["400"] = {"description": "Out of range."}
    # The deployment guide logs in by POST; the contract by PUT only.
    text = {"type": "string"}
    body = {"type": "object", "required": ["username", "password"],
            "properties": {"username": text, "password": text}}  # fmt: skip
    paths["/authenticate"]["post"] = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
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
    file = folder / "schemathesis.toml"
    file.write_text(rows)
    return file
