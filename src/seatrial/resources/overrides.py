"""Overrides: the app file's patches of the Terraform, put into the resources they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from seatrial.errors import Problem, UserError
from seatrial.model.finding import Finding, nearest
from seatrial.model.overrides import Overrides
from seatrial.resources import provider_types
from seatrial.resources.graph import Resource


def patched(resources: tuple[Resource, ...], overrides: Overrides) -> tuple[Resource, ...]:
    """Return the resources with their patches; see ``refuse`` for the others."""
    return tuple(_patched(resource, overrides) for resource in resources)


def _patched(resource: Resource, overrides: Overrides) -> Resource:
    patch = overrides.patches.get(".".join(resource.address))
    return replace(resource, body=merged(resource.body, patch)) if patch else resource


def merged(old: Any, new: Any) -> Any:
    """Return a body with a patch: maps merge, also where Terraform writes one in a list."""
    if not isinstance(new, Mapping):
        return new
    if isinstance(old, list) and len(old) == 1 and isinstance(old[0], Mapping):
        return [merged(old[0], new)]
    if not isinstance(old, Mapping):
        return dict(new)
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}


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
