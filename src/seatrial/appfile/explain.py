"""What pydantic found, in the words of the app file."""

from __future__ import annotations

import types
import typing
from typing import Any, Union

from pydantic_core import ErrorDetails

from seatrial.appfile import foreign
from seatrial.model.app import PLANNED, App
from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.noun import Noun
from seatrial.model.service import ROUTE

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


_SEE = "See the app-file reference: docs/appfile.md."
NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
# What a pattern, or the pattern of a key, asks for.
_FORMS = {
    NAME: "Use lower-case letters, digits and single `-` between them, starting with a letter.",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "Use letters, digits and `_`, not starting with a digit.",
    ROUTE: "Write a path that begins with `/`, of letters, digits and `_-.$/~\"'@:+&`.",
    "account": "Write its twelve digits.",
    "codes": "Write status codes from 200 to 499: `200`, `200,204` or `200-299`.",
    "path": "Write a path that begins with `/`, without spaces; other characters are encoded: "
    "`%20` for a space, `%C3%A9` for `é`.",
    "host": "Write a host name in lower case, without `https://`.",
    "name": "Use lower-case letters, digits and single `-` between them, starting with a letter.",
    "class": "Write an instance class.",
    "email": "Write an e-mail address.",
    "webhook": "Write an address that begins with `https://`.",
    "callbacks": "Write an address that begins with `https://`, or `http://localhost`.",
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
            return _pattern(error, path, key)
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


def _pattern(error: ErrorDetails, path: Path, key: str) -> Finding:
    pattern = str(error.get("ctx", {})["pattern"])
    if pattern == NAME and "[key]" in error["loc"]:
        return Finding("appfile-pattern", path, f"`{key}` is not a valid name", _FORMS[NAME])
    if key == "image":
        return Finding(
            "appfile-pattern",
            path,
            f"`{error['input']}` is not the name of an image",
            "Write `image: repository:tag`, or `repository@sha256:...`.",
        )
    form = _FORMS.get(pattern) or _FORMS.get(key) or f"It must match {pattern}."
    example = _example(path)
    return Finding(
        "appfile-pattern",
        path,
        f"`{key}` has the wrong format",
        form if example == _SEE else f"{form} {example}",
    )


def _unknown(path: Path, key: str) -> Finding:
    if len(path) == 1 and key in PLANNED:
        return Finding(
            "appfile-planned-key",
            path,
            f"`{key}` is planned but not supported yet",
            "Remove it, or keep it for yourself as `x-" + key + "`.",
        )
    fix = foreign.advice(path[:-1], key) or nearest(key, keys_at(path[:-1]))
    return Finding("appfile-unknown-key", path, f"unknown key `{key}`", fix)


def keys_at(path: Path) -> list[str]:
    """Return the keys that may stand at a path; empty where no noun stands there."""
    noun = noun_at(path)
    known = [(f.alias or n) for n, f in noun.model_fields.items() if not f.exclude] if noun else []
    return known if path else [*known, "environments"]


def _example(path: Path) -> str:
    noun = noun_at(path[:-1])
    if noun and path:
        for name, info in noun.model_fields.items():
            if (info.alias or name) == path[-1] and info.examples:
                return f"Write it as in `{path[-1]}: {info.examples[0]}`."
    return _SEE


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
