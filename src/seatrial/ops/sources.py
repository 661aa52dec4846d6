"""The files of a build: what is hashed, copied, watched, and searched for migrations."""

from __future__ import annotations

import os
from pathlib import Path

IGNORED = {
    ".git",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".seatrial",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
}
MOST_FILES = 20_000

Stamp = tuple[int, int]


def stamps(folder: Path) -> dict[str, Stamp]:
    """Return time and size of every file of a folder, the usual clutter left out."""
    found: dict[str, Stamp] = {}
    pending = [str(folder)]
    while pending and len(found) < MOST_FILES:
        try:
            entries = list(os.scandir(pending.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.name in IGNORED or entry.name.endswith(("~", ".swp", ".pyc")):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    about = entry.stat()
                    found[entry.path] = (about.st_mtime_ns, about.st_size)
            except OSError:
                continue
    return found
