"""AWS names: stable, unique within an environment, inside each service's limit."""

from __future__ import annotations

import base64
import hashlib
import re

# Longest names (each service's API reference), the suffixes we add not counted; of what several
# nouns share. A noun's own stands in its file.
LIMITS = {
    "balancer": 32,
    "database": 63,
    "role": 64,
    "schedule": 64,
    "bucket": 63,
    "service": 255,
    "function": 64,
    "policy": 128,
    "topic": 256,
    "alarm": 255,
    "dashboard": 255,
    "budget": 100,
    "chat": 128,
    "log group": 512,
    "repository": 256,
    "secret": 512,
    "security group": 255,
}
_DIRECTIONS = {
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "central": "c",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}


def tags(app: str, environment: str) -> dict[str, str]:
    """Return the tags that everything of an environment carries."""
    return {"seatrial:app": app, "seatrial:environment": environment}


def digest(text: str, length: int = 6) -> str:
    """Return the first characters of a text's sha256 in base32, lower case."""
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().lower()[:length]


def fitted(text: str, limit: int) -> str:
    """Return a name of small letters, digits and single hyphens, at most ``limit`` long.

    A name that had to be altered ends in ``-`` and six characters of the full text's hash, so
    that two texts never become one name.
    """
    plain = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9-]", "-", text.lower())).strip("-")
    if plain == text and len(plain) <= limit:
        return plain
    return f"{plain[: limit - 7].strip('-')}-{digest(text)}"


def slot(key: str, size: int, taken: set[int]) -> int:
    """Return a number below ``size`` from the key's hash, the next free one if it is taken."""
    start = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % size
    for step in range(size):
        if (number := (start + step) % size) not in taken:
            taken.add(number)
            return number
    raise ValueError(f"no free slot among {size}")


def slots(keys: list[str], size: int) -> dict[str, int]:
    """Return a slot for each key, probing in sorted order: a pure function of the set of keys."""
    taken: set[int] = set()
    return {key: slot(key, size, taken) for key in sorted(keys)}


def short_region(region: str) -> str:
    """Return AWS's own short form: ``us-east-1`` is ``use1`` (as in zone identifiers)."""
    area, *direction, number = region.split("-")
    return area + "".join(_DIRECTIONS.get(word, word) for word in direction) + number
