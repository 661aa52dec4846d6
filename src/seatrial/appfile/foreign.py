"""Words of compose, Copilot, Fly and Heroku files, and what says the same in an app file."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Literal

from seatrial.model.finding import Path

# `top`: keys beside `app`; `nouns`: keys of one service; `images`: patterns of an image's name.
Table = Literal["top", "nouns", "images"]


@lru_cache(maxsize=1)
def _tables() -> dict[Table, dict[str, str]]:
    file = FilePath(__file__).with_name("foreign.json")
    found: dict[Table, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def advice(path: Path, key: str) -> str:
    """Return what says the same as a foreign key at a path; empty where none is known."""
    if len(path) not in (0, 2):
        return ""
    return _tables()["nouns" if path else "top"].get(key, "")


def image(text: str) -> str:
    """Return what replaces an image of a server that AWS runs; empty where none does."""
    name = text.split("@")[0].rsplit("/", 1)[-1].split(":")[0].lower()
    for pattern, fix in _tables()["images"].items():
        if re.fullmatch(pattern, name):
            return fix
    return ""
