"""Git, asked one thing: which commit a folder is at."""

from __future__ import annotations

import subprocess
from pathlib import Path


def commit(folder: Path) -> str:
    """Return a folder's commit, ``+changes`` where files differ from it; empty without Git."""
    head = _ask(folder, "rev-parse", "HEAD")
    if not head:
        return ""
    return head + ("+changes" if _ask(folder, "status", "--porcelain", "--", ".") else "")


def _ask(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
