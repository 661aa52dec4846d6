"""Write the table of the AWS provider's argument types, by which `check` judges patches.

Asks Terraform and the pinned provider for their whole schema, and keeps the types that Seatrial
generates: `make provider-types`.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from seatrial.engine import provider
from seatrial.resources.provider_types import TABLE
from seatrial.terraform.document import PROVIDER

SOURCES = TABLE.parent
_TYPE = re.compile(r'"(aws_[a-z0-9_]+)"')
# Below this many blocks inside each other anything is accepted: a web ACL's statements contain
# each other, and their whole tree has megabytes.
DEEPEST = 3


def generated_types() -> list[str]:
    """Return every Terraform type that the builders name."""
    sources = (path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    return sorted({name for source in sources for name in _TYPE.findall(source)})


def provider_schema(folder: Path) -> dict[str, Any]:
    """Return the provider's resource schemas as `terraform providers schema` prints them."""
    required = {"aws": {"source": "hashicorp/aws", "version": PROVIDER}}
    document = {"terraform": {"required_providers": required}}
    (folder / "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
    environment = provider.environment(folder)
    program = provider.terraform().path
    for words in (["init", "-backend=false", "-no-color"], ["providers", "schema", "-json"]):
        done = subprocess.run(
            [program, *words], cwd=folder, env=environment, check=True, capture_output=True
        )
    schemas: dict[str, Any] = json.loads(done.stdout)["provider_schemas"]
    return dict(next(iter(schemas.values()))["resource_schemas"])


def block(schema: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return a block's arguments: their types, which are required, and the blocks below.

    A read-only attribute has no type (None). Below ``DEEPEST`` the answer is empty: not judged.
    """
    if depth > DEEPEST:
        return {}
    attributes = schema.get("attributes", {})
    found: dict[str, Any] = {
        "types": {
            name: row.get("type", "any") if _settable(row) else None
            for name, row in sorted(attributes.items())
        }
    }
    if required := sorted(name for name, row in attributes.items() if row.get("required")):
        found["required"] = required
    if below := schema.get("block_types"):
        found["blocks"] = {
            name: {
                "most": 1 if row["nesting_mode"] == "single" else row.get("max_items", 0),
                "least": row.get("min_items", 0),
                **block(row["block"], depth + 1),
            }
            for name, row in sorted(below.items())
        }
    return found


def _settable(row: dict[str, Any]) -> bool:
    return bool(row.get("required") or row.get("optional"))


def table() -> dict[str, Any]:
    """Return the table, by Terraform type."""
    with tempfile.TemporaryDirectory() as folder:
        schemas = provider_schema(Path(folder))
    return {name: block(schemas[name]["block"]) for name in generated_types() if name in schemas}


def text(found: dict[str, Any]) -> str:
    """Return the table as its file: one line for each Terraform type."""
    lines = (f"{json.dumps(n)}: {json.dumps(b, separators=(',', ':'))}" for n, b in found.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TABLE.write_text(text(table()), encoding="utf-8")
