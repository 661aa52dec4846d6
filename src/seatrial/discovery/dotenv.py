"""The names in `.env` files, and never a value."""

from __future__ import annotations

import re
from pathlib import Path

from seatrial.discovery import files

EXAMPLES = (
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    "env.example",
    "example.env",
    ".env-example",
    ".env.local.example",
)


def names(path: Path) -> list[str]:
    """Return the names that a file sets, in its order."""
    return re.findall(
        r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", files.text(path), re.MULTILINE
    )


def nearest(folder: Path) -> tuple[str, list[str]]:
    """Return the file of a folder that names variables, and the names: an example, or `.env`."""
    for name in (*EXAMPLES, ".env"):
        if found := names(folder / name):
            return name, found
    return "", []
