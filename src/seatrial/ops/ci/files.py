"""Writing a CI's file into a repository: never over what somebody edited."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from seatrial.errors import UsageError

MARK = "# Made by `seatrial ci`, which replaces it only while nobody edits it. sha256: "


def root_of(folder: Path) -> Path:
    """Return the root of the repository that a folder is in; the folder itself without one."""
    start = folder.resolve()
    return next((p for p in (start, *start.parents) if (p / ".git").exists()), start)


def marked(text: str) -> str:
    """Return a text with the line at its top that says whether it was edited."""
    return f"{MARK}{hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def save(path: Path, text: str, *, force: bool) -> None:
    """Write a file; raises UsageError where it is not as it was made, unless forced."""
    if not force and (path.exists() or path.is_symlink()) and not _untouched(path):
        raise UsageError.of(
            "usage-ci-edited",
            f"{path.name} exists, and is not as `seatrial ci` made it",
            "See what would be written with `--print`; replace the file with `--force`.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(marked(text), encoding="utf-8")


def _untouched(path: Path) -> bool:
    """Return whether a file is what was written."""
    try:
        return re.sub(r"\r\n", "\n", path.read_text(encoding="utf-8")) == _again(path)
    except (OSError, UnicodeDecodeError):
        return False


def _again(path: Path) -> str:
    """Return what a file would be if its text had been made by us."""
    return marked(path.read_text(encoding="utf-8").replace("\r\n", "\n").partition("\n")[2])
