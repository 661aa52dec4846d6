"""The files of a build: what is hashed, copied, watched, and searched for migrations."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pathspec import PathSpec

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
IGNORE_FILE = ".dockerignore"
MOST_FILES = 20_000

Stamp = tuple[int, int]


def stamps(folder: Path) -> dict[str, Stamp]:
    """Return time and size of every file of a folder, without clutter and what it ignores."""
    found: dict[str, Stamp] = {}
    ignored = _ignored(folder)
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
                elif not ignored(entry.path):
                    about = entry.stat()
                    found[entry.path] = (about.st_mtime_ns, about.st_size)
            except OSError:
                continue
    return found


def files(folder: Path) -> dict[str, Path]:
    """Return every file of a folder, as ``stamps`` sees it, by its name below the folder."""
    paths = (Path(path) for path in stamps(folder))
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _ignored(folder: Path) -> Callable[[str], bool]:
    """Return whether ``.dockerignore`` leaves a file out: the last line that matches decides.

    Its patterns begin at the folder, unlike Git's (docs.docker.com, "dockerignore files").
    """
    file = folder / IGNORE_FILE
    if not file.is_file():
        return lambda _: False
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    rules = [_rooted(line.strip()) for line in lines if line.strip() and line.strip()[0] != "#"]
    spec = PathSpec.from_lines("gitignore", rules)
    return lambda path: spec.match_file(os.path.relpath(path, folder))


def _rooted(line: str) -> str:
    kept, pattern = ("!", line[1:]) if line[0] == "!" else ("", line)
    return f"{kept}/{pattern.strip().removeprefix('./').lstrip('/')}"
