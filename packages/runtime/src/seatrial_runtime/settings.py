"""An app's settings: one frozen dataclass, read from the environment in one line.

    @dataclass(frozen=True)
    class Settings:
        session_key: Secret
        log_level: Literal["debug", "info"] = "info"
        largest_upload: int = 1 << 30

    settings = load(Settings)

A field's variable is its name in capitals. All that is missing or malformed is said at once.
"""

from __future__ import annotations

import os
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class SettingsError(ValueError):
    """Settings that are missing or cannot be read; one line for each."""


class Secret:
    """A value that shows itself to nobody who does not ask for it by name."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__


def load(shape: type[T], environment: Mapping[str, str] | None = None) -> T:
    """Return a dataclass filled from the environment; raises SettingsError with every problem."""
    given = os.environ if environment is None else environment
    hints = get_type_hints(shape)
    found, problems = {}, []
    for field in fields(shape):  # type: ignore[arg-type]
        name = field.name.upper()
        if name in given:
            try:
                found[field.name] = read(given[name], hints[field.name])
            except ValueError as error:
                problems.append(f"{name} {error}")
        elif field.default is MISSING and field.default_factory is MISSING:
            problems.append(f"{name} is not set")
    if problems:
        raise SettingsError("\n".join(problems))
    return shape(**found)


def read(text: str, kind: Any) -> Any:
    """Return a text as a value of a type; raises ValueError, which never quotes the text."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        if text not in inner:
            raise ValueError(f"must be one of {', '.join(map(str, inner))}")
        return text
    if origin in (Union, types.UnionType):
        return None if text == "" else read(text, next(k for k in inner if k is not type(None)))
    if origin is tuple:
        return tuple(read(part.strip(), inner[0]) for part in text.split(",") if part.strip())
    if kind is bool:
        if text.lower() not in YES + NO:
            raise ValueError("must be true or false")
        return text.lower() in YES
    if kind not in (str, int, float, Path, Secret):
        raise TypeError(f"settings of type {kind} are not known")
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"must be {'a number' if kind is float else 'a whole number'}") from None
