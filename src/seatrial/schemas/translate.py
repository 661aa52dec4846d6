"""A Terraform resource's arguments as CloudFormation's properties, as far as both know them. Pure.

Most names follow by rule: words without underscores, a block or a list of blocks, a plural. What
does not is a row of the ``Mapping``. Arguments that no property has are returned as ``unmatched``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.resources.graph import Expr, Joined, Json, Ref
from seatrial.schemas.judge import UNKNOWN, Judge

# What both sides write otherwise than by rule: `health_check_config` is `HealthCheck`, and so on.
_ENDINGS = ("", "s", "es", "list", "config", "configuration", "configurations", "specification")
_META = frozenset({"provider", "lifecycle", "timeouts", "tags", "depends_on"})


@dataclass(frozen=True)
class Translated:
    """Properties by CloudFormation's names, and the arguments that have none."""

    properties: dict[str, Any]
    unmatched: frozenset[str]
    places: dict[tuple[str, ...], str] = field(default_factory=dict)  # of properties: arguments


class Translation:
    """One resource on its way: where each argument goes, by rule or by exception.

    ``names`` are exceptions, by the argument's dotted path: the property's dotted path from the
    top; empty text where CloudFormation has no such property.
    """

    def __init__(self, judge: Judge, names: Mapping[str, str]) -> None:
        self.judge, self.names = judge, names
        self.properties: dict[str, Any] = {}
        self.unmatched: set[str] = set()
        self.places: dict[tuple[str, ...], str] = {}

    def of(self, body: Mapping[str, Any], under: str = "") -> Translated:
        """Translate a body; ``under`` is the property that all of it belongs to."""
        schema = self.judge.root
        target = self.properties
        for part in under.split(".") if under else ():
            target = target.setdefault(part, {})
            schema = self._inner(schema, part)
        found = self._block(body, schema, (), tuple(under.split(".")) if under else ())
        target.update({name: value for name, value in found.items() if name not in target})
        return Translated(self.properties, frozenset(self.unmatched), self.places)

    def _inner(self, schema: Any, name: str) -> Any:
        found = self.judge.resolved(self.judge.resolved(schema).get("properties", {}).get(name, {}))
        return self.judge.resolved(found["items"]) if "items" in found else found

    def _block(
        self, body: Mapping[str, Any], schema: Any, path: tuple[str, ...], at: tuple[str, ...]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        known = _folded(self.judge, schema)
        for name, value in body.items():
            here = (*path, str(name))
            dotted = ".".join(here)
            if (not path and name in _META) or value is None:
                continue
            where = self.names.get(dotted)
            if where == ".":
                found.update(self._block(value[0], schema, here, at))
            elif where is not None:
                self._placed(where, value, here, (found, schema, at))
            elif property_ := _match(str(name), known):
                inner = self.judge.resolved(known[property_][1])
                self.places[(*at, known[property_][0])] = dotted
                at_inner = (*at, known[property_][0])
                found[known[property_][0]] = self._value(value, inner, here, at_inner)
            else:
                self.unmatched.add(dotted)
        return found

    def _placed(
        self,
        where: str,
        value: Any,
        path: tuple[str, ...],
        here: tuple[dict[str, Any], Any, tuple[str, ...]],
    ) -> None:
        """Put a value at a property's path: from the top, or after a dot from ``here``."""
        if not where:
            return
        target, schema, at = (
            here if where.startswith(".") else (self.properties, self.judge.root, ())
        )
        *parents, last = where.lstrip(".").split(".")
        for part in parents:
            target = target.setdefault(part, {})
            schema = self._inner(schema, part)
        inner = self.judge.resolved(self.judge.resolved(schema).get("properties", {}).get(last, {}))
        at = (*at, *parents, last)
        self.places[at] = ".".join(path)
        target[last] = self._value(value, inner, path, at)

    def _value(self, value: Any, schema: Any, path: tuple[str, ...], at: tuple[str, ...]) -> Any:
        match value:
            case Ref() | Expr():
                return UNKNOWN
            case Joined(parts):
                whole = all(isinstance(part, str) for part in parts)
                return "".join(map(str, parts)) if whole else UNKNOWN
            case Json(inner):
                return self._value(inner, schema, path, at)
            case Mapping():
                return self._mapped(value, schema, path, at)
            case list() | tuple():
                return self._listed(list(value), schema, path, at)
            case _:
                return [value] if schema.get("type") == "array" else value

    def _mapped(
        self, value: Mapping[str, Any], schema: Any, path: tuple[str, ...], at: tuple[str, ...]
    ) -> Any:
        if schema.get("type") == "array" and set(value) <= {"items", "quantity"}:
            return self._value(value.get("items", []), schema, path, at)
        if "items" in schema:
            inner = self.judge.resolved(schema["items"])
            if set(inner.get("properties", ())) == {"Name", "Value"}:
                pairs = ({"Name": n, "Value": v} for n, v in value.items())
                return [self._block(pair, inner, path, at) for pair in pairs]
            return [self._mapped(value, inner, path, at)]
        if not _folded(self.judge, schema):
            return UNKNOWN  # a document of its own, or a map with names of the user's
        return self._block(value, schema, path, at)

    def _listed(
        self, value: list[Any], schema: Any, path: tuple[str, ...], at: tuple[str, ...]
    ) -> Any:
        single = len(value) == 1 and isinstance(value[0], Mapping)
        if "items" not in schema:
            return self._value(value[0], schema, path, at) if single else UNKNOWN
        if single and set(value[0]) <= {"items", "quantity"}:
            return self._value(value[0], schema, path, at)
        inner = self.judge.resolved(schema["items"])
        return [self._value(item, inner, path, at) for item in value]


def _folded(judge: Judge, schema: Any) -> dict[str, tuple[str, Any]]:
    """Return an object's properties by their names without case, its alternatives' among them."""
    found: dict[str, tuple[str, Any]] = {}
    for part in _parts(judge, schema):
        for name, inner in part.get("properties", {}).items():
            found.setdefault(name.lower(), (name, inner))
    return found


def _parts(judge: Judge, schema: Any) -> Iterator[Any]:
    here = judge.resolved(schema)
    yield here
    for word in ("allOf", "anyOf", "oneOf"):
        for part in here.get(word, ()):
            yield judge.resolved(part)


def _match(name: str, known: Mapping[str, Any]) -> str:
    """Return the property of an argument's name, in lower case; empty where none is like it."""
    plain = name.replace("_", "").replace("-", "").lower()
    stems = [plain, plain.removesuffix("s"), plain.removesuffix("config"), f"{plain[:-1]}ies"]
    for stem in stems:
        for ending in _ENDINGS:
            if f"{stem}{ending}" in known:
                return f"{stem}{ending}"
    return ""
