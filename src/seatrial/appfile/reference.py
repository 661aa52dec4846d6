"""The reference of error codes and of the app file's keys, as one lookup by name."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from seatrial.errors import EXPLANATIONS, Problem, UsageError
from seatrial.model.app import App
from seatrial.model.finding import nearest
from seatrial.model.noun import Noun

TOP = "app file"


@dataclass(frozen=True)
class Topic:
    """An error's code or a key: what it means, its default, an example, the keys below it."""

    name: str
    text: str
    default: str = ""
    example: str = ""
    keys: tuple[Topic, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the documented JSON shape of ``explain --json``."""
        return {
            "name": self.name,
            "text": self.text,
            "default": self.default or None,
            "example": self.example or None,
            "keys": [{"name": key.name, "text": key.text} for key in self.keys],
        }


def topic(name: str) -> Topic:
    """Return what a code or a key means; raises UsageError where there is none of that name."""
    wanted = name.removeprefix("error[").removesuffix("]").strip("`")
    if wanted in EXPLANATIONS:
        return Topic(wanted, EXPLANATIONS[wanted])
    known = keys()
    if wanted in known:
        return known[wanted]
    # A bare word such as `health` means the key of that name nearest to the top.
    for path in sorted(known, key=lambda path: path.count(".")):
        if path.endswith(f".{wanted}"):
            return known[path]
    raise UsageError(
        Problem(
            "usage-topic",
            f"there is no error code and no key `{name}`",
            nearest(wanted, names(), "See docs/errors.md and docs/appfile.md."),
        )
    )


def names() -> list[str]:
    """Return every code and key."""
    return [*sorted(EXPLANATIONS), *keys()]


def keys() -> dict[str, Topic]:
    """Return every key of the app file by its path, without the names that a user chooses."""
    return {topic.name: topic for topic in _below(App, "")}


def _below(noun: type[Noun], path: str) -> Iterator[Topic]:
    for name, field in noun.model_fields.items():
        if field.exclude:
            continue
        here = f"{path}.{field.alias or name}" if path else (field.alias or name)
        inner = next(_nouns(field.annotation), None)
        below = list(_below(inner, here)) if inner else []
        direct = tuple(t for t in below if t.name.count(".") == here.count(".") + 1)
        yield _topic(here, field, direct)
        yield from below


def _topic(path: str, field: FieldInfo, below: tuple[Topic, ...]) -> Topic:
    default = "required" if field.is_required() else _shown(field.default)
    key = path.rsplit(".", 1)[-1]
    example = f"{key}: {field.examples[0]}" if field.examples else ""
    return Topic(path, str(field.description), default, example, below)


def _nouns(annotation: Any) -> Iterator[type[Noun]]:
    if isinstance(annotation, type) and issubclass(annotation, Noun):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _nouns(part)


def _shown(value: Any) -> str:
    if value is None or value in ("", (), {}) or isinstance(value, Noun):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
