"""The types of the AWS provider's arguments: what a patch may set, before Terraform is asked.

The table beside this module is made from the provider's own schema (`make provider-types`); a test
compares the two. Conversions are Terraform's (its documentation, "Types and Values": `"120"` is a
number where one is wanted, `"true"` a bool).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from seatrial.model.finding import Finding, nearest
from seatrial.model.finding import Path as Key

TABLE = Path(__file__).with_name("provider_types.json")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS = {"string": "text", "number": "a number", "bool": "`true` or `false`"}
_LIFECYCLE: dict[str, Any] = {
    "create_before_destroy": "bool",
    "prevent_destroy": "bool",
    "ignore_changes": ["list", "string"],
    "replace_triggered_by": ["list", "string"],
}
# What every resource takes (Terraform's documentation, "Meta-arguments"). The others are decided
# by the app file: which provider, how many, in what order.
_META = {"lifecycle": {"types": _LIFECYCLE, "most": 1}}
# Texts that hold JSON: a patch gives them as maps, which are merged into the generated document.
DOCUMENTS = (
    "assume_role_policy",
    "container_definitions",
    "dashboard_body",
    "filter_policy",
    "policy",
    "redrive_allow_policy",
    "redrive_policy",
)
_REFUSED = ("count", "for_each", "provider", "depends_on", "provisioner", "connection")


@lru_cache(maxsize=1)
def table() -> Mapping[str, Any]:
    """Return the arguments of every generated Terraform type."""
    found: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def findings(address: str, patch: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what of a patch the provider's schema refuses; nothing for a type we do not know."""
    path: Key = ("terraform", "patches", address)
    known = table().get(address.partition(".")[0])
    if known is None:
        return
    for key in patch.keys() & set(_REFUSED):
        yield _finding((*path, key), f"`{key}` cannot be patched", "Leave it out.")
    rest = {key: value for key, value in patch.items() if key not in _REFUSED}
    whole = {**known, "blocks": {**known.get("blocks", {}), **_META}, "required": ()}
    yield from _block(rest, whole, path)


def _block(given: Mapping[str, Any], known: Mapping[str, Any], path: Key) -> Iterator[Finding]:
    """Judge the arguments of one block; a block without types is not judged."""
    if "types" not in known:
        return
    types, blocks = known["types"], known.get("blocks", {})
    for key, value in given.items():
        if key in blocks:
            yield from _blocks(value, blocks[key], (*path, key))
        elif key not in types:
            fix = nearest(key, [*types, *blocks], "See the resource's page of the AWS provider.")
            yield _finding((*path, key), f"the AWS provider knows no argument `{key}` here", fix)
        elif types[key] is None:
            yield _finding((*path, key), f"`{key}` is read-only", "Leave it out.")
        elif key in DOCUMENTS and types[key] == "string":
            if isinstance(value, str):
                why = f"`{key}` is a JSON document; a text would replace its references"
                yield _finding((*path, key), why, f"Write what changes: `{key}: {{name: value}}`.")
        else:
            yield from _value(value, types[key], (*path, key))
    for key in known.get("required", ()):
        if key not in given:
            yield _finding(path, f"`{key}` is missing", "The AWS provider requires it here.")


def _blocks(given: Any, known: Mapping[str, Any], path: Key) -> Iterator[Finding]:
    """Judge one block or a list of them."""
    listed = given if isinstance(given, list) else [given]
    if 0 < known.get("most", 0) < len(listed):
        yield _finding(path, f"`{path[-1]}` is given {len(listed)} times", "Keep one.")
    for index, one in enumerate(listed):
        if not isinstance(one, Mapping):
            yield _finding(path, f"`{path[-1]}` must be a map of keys", "Write its arguments.")
            return
        # A map changes the block that is there, which has what is required.
        whole = known if isinstance(given, list) else {**known, "required": ()}
        yield from _block(one, whole, (*path, index) if isinstance(given, list) else path)


def _value(given: Any, wanted: Any, path: Key) -> Iterator[Finding]:
    """Judge a value by Terraform's type of it: a name, or a kind of collection and what is in it.

    A map stands for the one object of a list, as in ``overrides.merged``.
    """
    if isinstance(wanted, str):
        if not _fits(given, wanted):
            fix = "See the resource's page of the AWS provider."
            yield _finding(path, f"`{path[-1]}` must be {_WORDS.get(wanted, wanted)}", fix)
        return
    kind, inner = wanted
    if kind == "object":
        yield from _object(given, inner, path)
    elif kind == "map" and isinstance(given, Mapping):
        for key, value in given.items():
            yield from _value(value, inner, (*path, key))
    elif kind in ("list", "set") and isinstance(given, list):
        for index, value in enumerate(given):
            yield from _value(value, inner, (*path, index))
    elif kind in ("list", "set") and inner[0] == "object" and isinstance(given, Mapping):
        yield from _object(given, inner[1], path)
    else:
        word = "a map of keys" if kind == "map" else "a list"
        yield _finding(path, f"`{path[-1]}` must be {word}", "See the AWS provider's page.")


def _object(given: Any, inner: Mapping[str, Any], path: Key) -> Iterator[Finding]:
    if not isinstance(given, Mapping):
        yield _finding(path, f"`{path[-1]}` must be a map of keys", "Write its arguments.")
        return
    yield from _block(given, {"types": inner}, path)


def _fits(given: Any, wanted: str) -> bool:
    """Return whether Terraform converts a value of the app file, which is text, to a type."""
    if wanted in ("any", "dynamic"):
        return True
    if not isinstance(given, str):
        return False
    if wanted == "number":
        return bool(_NUMBER.fullmatch(given)) and len(given) < 400
    return wanted != "bool" or given in ("true", "false", "1", "0")


def _finding(path: Key, message: str, fix: str) -> Finding:
    return Finding("appfile-terraform", path, message, fix)
