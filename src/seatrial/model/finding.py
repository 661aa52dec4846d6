"""One thing that does not fit, at a path of the app file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """A problem that does not know its line yet."""

    code: str
    path: Path
    message: str
    fix: str


def nearest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return ``Did you mean `x`?`` where something known is near; else what is known."""
    names = sorted(known)
    if close := get_close_matches(word, names, n=1, cutoff=0.6):
        return f"Did you mean `{close[0]}`?"
    if otherwise:
        return otherwise
    return (
        "Known here: " + ", ".join(f"`{name}`" for name in names) + "." if names else "Remove it."
    )
