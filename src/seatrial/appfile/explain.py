"""What pydantic found, in the words of the app file."""

from __future__ import annotations

import types
import typing
from typing import Any, Union

from pydantic_core import ErrorDetails

from seatrial.model.app import PLANNED, App
from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.noun import Noun

_RANGES = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "too_long": ("max_length", "at most this many items"),
    "string_too_long": ("max_length", "at most this many characters:"),
    "too_short": ("min_length", "at least this many items:"),
}


_KINDS = {
    "tuple": "a list",
    "list": "a list",
    "dict": "a map of keys",
    "model": "a map of keys",
    "string": "text",
    "int": "a whole number",
    "bool": "`true` or `false`",
}


def finding(error: ErrorDetails) -> Finding:
    """Turn one validation error into a finding at its path."""
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    kind, context = error["type"], error.get("ctx", {})
    if "fix" in context:
        return Finding(f"appfile-{kind}", path, error["msg"], str(context["fix"]))
    match kind:
        case "extra_forbidden":
            return _unknown(path, key)
        case "missing":
            return Finding("appfile-missing-key", path, f"`{key}` is missing", _example(path))
        case "literal_error":
            choices = str(context["expected"]).replace(" or ", ", ").replace("'", "`")
            return Finding(
                "appfile-choice",
                path,
                f"`{key}` has an unknown value",
                f"Choose one of {choices.replace('``, ', '')}.",
            )
        case "string_pattern_mismatch":
            return _pattern(path, key, str(context["pattern"]), is_key="[key]" in error["loc"])
        case _ if kind in _RANGES:
            bound, words = _RANGES[kind]
            return Finding(
                "appfile-range",
                path,
                f"`{key}` is out of range",
                f"It must be {words} {context.get(bound)}.",
            )
        case _:
            wanted = next((words for part, words in _KINDS.items() if part in kind), error["msg"])
            return Finding("appfile-type", path, f"`{key}` must be {wanted}", _example(path))


def _pattern(path: Path, key: str, pattern: str, *, is_key: bool) -> Finding:
    if is_key and pattern == r"^[a-z][a-z0-9-]*$":
        return Finding(
            "appfile-pattern",
            path,
            f"`{key}` is not a valid name",
            "Use lower-case letters, digits and `-`, starting with a letter.",
        )
    return Finding(
        "appfile-pattern",
        path,
        f"`{key}` has the wrong format",
        f"It must match {pattern}. {_example(path)}",
    )


def _unknown(path: Path, key: str) -> Finding:
    if len(path) == 1 and key in PLANNED:
        return Finding(
            "appfile-planned-key",
            path,
            f"`{key}` is planned but not supported yet",
            "Remove it, or keep it for yourself as `x-" + key + "`.",
        )
    noun = noun_at(path[:-1])
    known = [(f.alias or n) for n, f in noun.model_fields.items() if not f.exclude] if noun else []
    if len(path) == 1:
        known.append("environments")
    return Finding("appfile-unknown-key", path, f"unknown key `{key}`", nearest(key, known))


def _example(path: Path) -> str:
    noun = noun_at(path[:-1])
    if noun and path:
        for name, info in noun.model_fields.items():
            if (info.alias or name) == path[-1] and info.examples:
                return f"Write it as in `{path[-1]}: {info.examples[0]}`."
    return "See the app-file reference: docs/appfile.md."


def noun_at(path: Path) -> type[Noun] | None:
    """Return the noun whose keys stand at a path."""
    current: Any = App
    for part in path:
        if isinstance(current, type) and issubclass(current, Noun):
            by_key = {(f.alias or n): f for n, f in current.model_fields.items()}
            field = by_key.get(str(part))
            if field is None:
                return None
            current = _inner(field.annotation)
        else:
            current = _inner(typing.get_args(current)[-1 if _is_dict(current) else 0])
    current = current if isinstance(current, type) else None
    return current if current and issubclass(current, Noun) else None


def _is_dict(annotation: Any) -> bool:
    return typing.get_origin(annotation) is dict


def _inner(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return next(a for a in typing.get_args(annotation) if a is not type(None))
    return annotation
