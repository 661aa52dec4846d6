"""``${name.attribute}`` inside a value: checked text, never a template language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"\$\$\{|\$\{([^}]*)\}|\$\{")
_INNER = re.compile(r"([a-z][a-z0-9-]*)\.([a-z_]+)")


@dataclass(frozen=True)
class Reference:
    """A pointer to an attribute of another noun (or of ``app``)."""

    name: str
    attribute: str

    def __str__(self) -> str:
        return f"${{{self.name}.{self.attribute}}}"


@dataclass(frozen=True)
class Malformed:
    """Something that begins like a reference and is none."""

    text: str


Part = str | Reference | Malformed


@lru_cache(maxsize=4096)
def parts(text: str) -> tuple[Part, ...]:
    """Split a value into literal text and references; ``$${`` writes a literal ``${``."""
    found: list[Part] = []
    literal, position = "", 0
    for match in _TOKEN.finditer(text):
        literal += text[position : match.start()]
        position = match.end()
        if match[0] == "$${":
            literal += "${"
            continue
        if literal:
            found.append(literal)
            literal = ""
        inner = _INNER.fullmatch((match[1] or "").strip())
        found.append(Reference(inner[1], inner[2]) if inner else Malformed(match[0]))
    literal += text[position:]
    if literal or not found:
        found.append(literal)
    return tuple(found)


def references(text: str) -> tuple[Reference, ...]:
    """Return only the references of a value."""
    return tuple(part for part in parts(text) if isinstance(part, Reference))
