"""Git, asked two things: which commit a folder is at, and which files are ignored."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
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


def ignored(folder: Path, names: Iterable[str]) -> set[str]:
    """Return which of these files of a folder Git ignores; none outside a repository."""
    given = "\0".join(names)
    found = _ask(folder, "check-ignore", "-z", "--stdin", given=given) if given else ""
    return set(found.split("\0")) - {""}


def _ask(folder: Path, *words: str, given: str = "") -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            check=False,
            input=given,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
