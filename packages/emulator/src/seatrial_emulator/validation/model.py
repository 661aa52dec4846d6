"""A call's parameters against botocore's model: required, enum, pattern, lengths and ranges. Pure.

The words are AWS's own ("Value 'x' at 'y' failed to satisfy constraint: Member must ...").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

_SCALARS = ("string", "integer", "long", "float", "double", "blob")


@dataclass(frozen=True)
class Violation:
    """One value that its model does not allow; ``value`` is None where it is missing."""

    path: tuple[str, ...]
    value: Any
    constraint: str

    @property
    def missing(self) -> bool:
        """Return whether a required value is not there."""
        return self.value is None

    @property
    def place(self) -> str:
        """Return the path as AWS writes it: ``tags.1.member.key``."""
        return ".".join(part[:1].lower() + part[1:] for part in self.path)

    def __str__(self) -> str:
        said = "null" if self.missing else f"'{self.value}'"
        return f"Value {said} at '{self.place}' failed to satisfy constraint: {self.constraint}"


def violations(shape: Any, value: Any, path: tuple[str, ...] = ()) -> Iterator[Violation]:
    """Yield everything in a value that its shape does not allow."""
    if not _constrained(shape):
        return
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        yield from _structure(shape, value, path)
    elif kind == "list" and isinstance(value, list):
        yield from _size(shape, len(value), value, path, "length")
        for index, item in enumerate(value, 1):
            yield from violations(shape.member, item, (*path, str(index), "member"))
    elif kind == "map" and isinstance(value, dict):
        yield from _size(shape, len(value), value, path, "length")
        for key, item in value.items():
            yield from violations(shape.key, key, path)
            yield from violations(shape.value, item, (*path, str(key), "member"))
    elif kind in _SCALARS:
        yield from _scalar(shape, value, path)


def _structure(shape: Any, value: dict[str, Any], path: tuple[str, ...]) -> Iterator[Violation]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation((*path, name), None, "Member must not be null")
    for name, inner in value.items():
        if inner is not None and name in shape.members:
            yield from violations(shape.members[name], inner, (*path, name))


def _scalar(shape: Any, value: Any, path: tuple[str, ...]) -> Iterator[Violation]:
    if isinstance(value, str | bytes):
        yield from _size(shape, len(value), value, path, "length")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _size(shape, value, value, path, "value")
    if not isinstance(value, str):
        return
    listed = shape.metadata.get("enum")
    if listed and value not in listed:
        yield Violation(path, value, f"Member must satisfy enum value set: [{', '.join(listed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern)(value):
        rule = f"Member must satisfy regular expression pattern: {pattern}"
        yield Violation(path, value, rule)


def _size(
    shape: Any, size: float, value: Any, path: tuple[str, ...], what: str
) -> Iterator[Violation]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < float(least):
        yield Violation(path, value, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > float(most):
        yield Violation(path, value, f"Member must have {what} less than or equal to {most}")


_KNOWN: dict[int, bool] = {}  # by the identity of a shape's own description, which botocore keeps


def _constrained(shape: Any, above: tuple[str, ...] = ()) -> bool:
    """Return whether anything in a shape can be wrong; most of EC2's cannot."""
    key = id(shape._shape_model)  # noqa: SLF001
    if key in _KNOWN:
        return _KNOWN[key]
    if shape.name in above:
        return False
    own = {"min", "max", "pattern", "enum", "required"} & set(shape.metadata)
    found = bool(own) or any(_constrained(s, (*above, shape.name)) for s in _inner(shape))
    if found or not above:
        _KNOWN[key] = found
    return found


def _inner(shape: Any) -> list[Any]:
    match shape.type_name:
        case "structure":
            return list(shape.members.values())
        case "list":
            return [shape.member]
        case "map":
            return [shape.key, shape.value]
        case _:
            return []


@cache
def _matches(pattern: str) -> Callable[[str], bool]:
    """Return whether a whole value matches, as Java's ``matches`` does; all do where Python cannot.

    Models write Java's expressions: ``\\p{L}`` needs the package ``regex``, which cfn-lint brings.
    """
    try:
        if "\\p{" in pattern or "[[:" in pattern:
            import regex

            compiled: Any = regex.compile(pattern)
        else:
            compiled = re.compile(pattern)
    except Exception:  # each package has its own error; a pattern that neither reads refuses nobody
        return lambda _: True
    return lambda value: compiled.fullmatch(value) is not None
