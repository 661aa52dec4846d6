"""A credential in the app file would stand in plain text in task definitions, tags and Git."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from seatrial.model import credential
from seatrial.model.app import App
from seatrial.model.finding import Finding, Path
from seatrial.model.reference import references

# An alarm's addresses are credentials by their nature, and have no other place.
_NOT_LOOKED_AT = ("alarms", "terraform")


def check(app: App) -> Iterator[Finding]:
    """Yield values that look like credentials; the value itself is never shown."""
    for path, text in _texts(app, ()):
        if path[-2:-1] == ("env",) or path[-2:-1] == ("headers",):
            found = _named(str(path[-1]), text)
        else:
            found = credential.shape(_plain(text))
        if found:
            yield _finding(path, found)


def _named(name: str, value: str) -> str | None:
    """Look at a variable's or a header's value: one with references by its shape alone."""
    if references(value):
        return credential.shape(_plain(value))
    return credential.kind(name.replace("-", "_"), value)


def _plain(value: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "", value)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield every text of the app file's nouns, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            if path or key not in _NOT_LOOKED_AT:
                yield from _texts(getattr(value, key), (*path, key))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, tuple | list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _finding(path: Path, found: str) -> Finding:
    name = str(path[-1])
    if path[-2:-1] != ("env",):
        return Finding(
            "appfile-credential",
            path,
            f"this looks like {found}; everyone who can view the task or the file can read it",
            "Take it out of the file; a program gets it as a secret, by `uses`. Whoever had the "
            "file has the value: replace it where it was made.",
        )
    noun = name.lower().replace("_", "-").strip("-")
    return Finding(
        "appfile-credential",
        path,
        f"`{name}` looks like {found}; everyone who can view the task can read it",
        f"Make it a secret: `secrets: {{{noun}: by-hand}}`, `uses: [{noun}]`, then "
        f"`seatrial secret set {noun}`; it arrives as `{name}`.",
    )
