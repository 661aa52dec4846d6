"""Overrides: the app file's patches of the Terraform, put into the resources they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from seatrial.errors import Problem, UserError
from seatrial.model.finding import Finding, nearest
from seatrial.model.overrides import Overrides
from seatrial.resources import provider_types
from seatrial.resources.graph import Json, Resource


def patched(resources: tuple[Resource, ...], overrides: Overrides) -> tuple[Resource, ...]:
    """Return the resources with their patches; see ``refuse`` for the others."""
    return tuple(_patched(resource, overrides) for resource in resources)


def _patched(resource: Resource, overrides: Overrides) -> Resource:
    patch = overrides.patches.get(".".join(resource.address))
    return replace(resource, body=merged(resource.body, patch)) if patch else resource


def merged(old: Any, new: Any) -> Any:
    """Return a body with a patch: maps merge, also where Terraform writes one in a list, and inside
    a JSON document, whose references stay.
    """
    if isinstance(old, Json) and not isinstance(new, str):
        return Json(_in_document(old.value, new))
    if not isinstance(new, Mapping):
        return new
    if isinstance(old, list) and len(old) == 1 and isinstance(old[0], Mapping):
        return [merged(old[0], new)]
    if not isinstance(old, Mapping):
        return dict(new)
    return {**old, **{key: _argument(key, old.get(key), value) for key, value in new.items()}}


def _argument(key: str, old: Any, new: Any) -> Any:
    document = key in provider_types.DOCUMENTS and old is None
    return merged(Json(None) if document else old, new)


def _in_document(old: Any, new: Any) -> Any:
    """Merge into a JSON document; items of a list that have a name are merged by it."""
    if isinstance(old, list) and len(old) == 1 and isinstance(new, Mapping):
        return [_in_document(old[0], new)]
    if isinstance(new, Mapping):
        known = old if isinstance(old, Mapping) else {}
        added = {key: _in_document(known.get(key), _typed(key, v)) for key, v in new.items()}
        return {**known, **added}
    if not isinstance(new, list):
        return new
    rows = {row["name"]: row for row in old or () if _is_named(row)}
    return [row for name, row in rows.items() if name not in _names(new)] + [
        _in_document(rows.get(row["name"]) if _is_named(row) else None, row) for row in new
    ]


def _is_named(row: Any) -> bool:
    return isinstance(row, Mapping) and "name" in row


def _names(rows: list[Any]) -> set[str]:
    return {row["name"] for row in rows if _is_named(row)}


def _typed(key: str, value: Any) -> Any:
    """Return a plain value as JSON has it: the app file's are texts, which Terraform converts, but
    not inside a document. A user's number and a variable's value stay texts (ECS API reference).
    """
    if not isinstance(value, str) or key in ("user", "value"):
        return value
    if value in ("true", "false"):
        return value == "true"
    return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value


def words(overrides: Overrides) -> tuple[str, ...]:
    """Return what of the Terraform is the user's own, a line each."""
    patched = (f"patch of {address}: {', '.join(p)}" for address, p in overrides.patches.items())
    return (*patched, *(f"file {name}" for name in overrides.texts))


def findings(overrides: Overrides, known: Iterable[str] | None = None) -> Iterator[Finding]:
    """Yield patches that the provider's schema refuses, and those of none of the ``known``."""
    addresses = None if known is None else set(known)
    for address, patch in overrides.patches.items():
        if addresses is not None and address not in addresses:
            yield Finding(
                "appfile-terraform",
                ("terraform", "patches", address),
                f"the generated Terraform has no resource `{address}`",
                nearest(address, addresses, "`seatrial plan` and `seatrial generate` list them."),
            )
        else:
            yield from provider_types.findings(address, patch)


def refuse(resources: Iterable[Resource], overrides: Overrides) -> None:
    """Refuse patches that no resource of the app takes; raises UserError, all at once."""
    known = [".".join(resource.address) for resource in resources if not resource.data]
    problems = [
        Problem(found.code, found.message, found.fix, ".".join(map(str, found.path)))
        for found in findings(overrides, known)
    ]
    if problems:
        raise UserError(*problems)
