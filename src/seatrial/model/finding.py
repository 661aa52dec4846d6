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
    # What it was concluded from, where that is not the path alone: paths of the app file, `*` for
    # any name. Where one of them is wrong itself, the conclusion may be wrong.
    because: tuple[Path, ...] = ()

    @property
    def grounds(self) -> tuple[Path, ...]:
        """Return the paths that it was concluded from."""
        return self.because or (self.path,)


def touches(one: Path, other: Path) -> bool:
    """Return whether one of two paths lies within the other."""
    return all("*" in pair or pair[0] == pair[1] for pair in zip(one, other, strict=False))


def nearest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return ``Did you mean `x`?`` where something known is near; else what is known."""
    names = sorted(known)
    if close := get_close_matches(word, names, n=3, cutoff=0.6):
        swapped = [name for name in close if sorted(name) == sorted(word)]  # the same letters
        return f"Did you mean `{(swapped or close)[0]}`?"
    if otherwise:
        return otherwise
    return (
        "Known here: " + ", ".join(f"`{name}`" for name in names) + "." if names else "Remove it."
    )
