"""Overlays that change a noun which the base file does not have (any more)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seatrial.model.app import SECTIONS
from seatrial.model.finding import Finding, Path, nearest

# What a noun without its base lacks: what it is made of, or a required key.
_LACKS = ("appfile-build", "appfile-missing-key")


def without_base(
    findings: Iterable[Finding],
    base: Mapping[str, Any],
    overlay: Mapping[str, Any],
    environment: str,
) -> list[Finding]:
    """Return the findings; those of a noun that only an overlay names say so, once for each."""
    found: dict[tuple[str, Path], Finding] = {}
    for one in findings:
        noun = one.path[:2]
        if one.code in _LACKS and len(one.path) <= 3 and _only_over(noun, base, overlay):
            one = _orphan(noun, base, environment)
        found.setdefault((one.message, one.path), one)
    return list(found.values())


def _only_over(noun: Path, base: Mapping[str, Any], overlay: Mapping[str, Any]) -> bool:
    if len(noun) < 2 or noun[0] not in SECTIONS:
        return False
    return noun[1] in _names(overlay, noun) and noun[1] not in _names(base, noun)


def _names(raw: Mapping[str, Any], noun: Path) -> Mapping[str, Any]:
    section = raw.get(str(noun[0]))
    return section if isinstance(section, Mapping) else {}


def _orphan(noun: Path, base: Mapping[str, Any], environment: str) -> Finding:
    section, name = map(str, noun)
    otherwise = f"Remove it from `environments.{environment}`, or say in it how it is built."
    return Finding(
        "appfile-environment",
        noun,
        f"`{name}` is changed for {environment}, but the app file has no `{section}.{name}`",
        nearest(name, _names(base, noun), otherwise),
    )
