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


def strange(folder: Path, made: str) -> bool:
    """Say whether a commit is none of this folder's repository; no where there is no telling.

    A shallow clone, as CI makes them, does not know its own past.
    """
    whole = _ask(folder, "rev-parse", "--is-shallow-repository") == "false"
    name = made.removesuffix("+changes")
    return bool(whole and name and not _ask(folder, "cat-file", "-t", name))


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
