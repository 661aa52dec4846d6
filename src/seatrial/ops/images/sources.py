"""The files of a folder: what is hashed, copied, uploaded, watched, and searched for migrations.

What is taken in stays inside: a link that leads out is no file of the project, and what is neither
file nor folder (a pipe would never end) is none either.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from pathspec import PathSpec

from seatrial.errors import UserError

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
    ".hypothesis",
    ".tox",
    ".nox",
    ".idea",
    ".vscode",
    ".DS_Store",
    ".coverage",
}
IGNORE_FILE = ".dockerignore"
MOST_FILES = 200_000

Stamp = tuple[int, int]
Ignored = Callable[[str], bool]


def stamps(folder: Path) -> dict[str, Stamp]:
    """Return time and size of every file of a folder, without clutter and what it ignores.

    For watching: what cannot be taken in is left out, since ``files`` names it when it matters.
    """
    return {
        entry.path: (about.st_mtime_ns, about.st_size)
        for entry, about in _entries(folder, folder, lambda *_: None)
    }


def files(folder: Path, within: Path | None = None) -> dict[str, Path]:
    """Return every file of a folder, as ``stamps`` sees it, by its name below the folder.

    Raises UserError for what cannot be taken in: a link out of ``within`` (the folder itself, where
    none is given), a pipe, a socket or a device, a file that may not be read, a name that is not
    UTF-8, more files than anybody means.
    """

    def refuse(path: str, why: str, fix: str) -> None:
        name = os.fsencode(os.path.relpath(path, folder)).decode(errors="backslashreplace")
        raise UserError.of("build-file", f"`{name}` in {folder}: {why}", fix)

    found: dict[str, Path] = {}
    for entry, about in _entries(folder, within or folder, refuse):
        if len(found) >= MOST_FILES:
            refuse(entry.path, f"the folder holds more than {MOST_FILES:,} files", _LEAVE_OUT)
        _check(entry, about, refuse)
        found[Path(entry.path).relative_to(folder).as_posix()] = Path(entry.path)
    return found


_LEAVE_OUT = f"Leave it out: name it, or its folder, in `{IGNORE_FILE}`."
Refuse = Callable[[str, str, str], None]


def _check(entry: os.DirEntry[str], about: os.stat_result, refuse: Refuse) -> None:
    try:
        entry.path.encode()
    except UnicodeEncodeError:
        refuse(entry.path, "its name is not UTF-8", f"Rename it. {_LEAVE_OUT}")
    if not about.st_mode & stat.S_IRUSR and not os.access(entry.path, os.R_OK):
        refuse(entry.path, "it may not be read", f"Give yourself the right to. {_LEAVE_OUT}")


def _entries(
    folder: Path, within: Path, refuse: Refuse
) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    """Yield every file; ``refuse`` hears of what is none and is not ignored."""
    ignored, root = _ignored(folder), os.path.realpath(within)
    real = os.path.realpath(folder)
    pending = [(str(folder), real, frozenset({real}))]
    while pending:
        path, real, above = pending.pop()
        for entry in _listed(path, refuse):
            if _is_clutter(entry.name) or not _leads_inside(entry, root, ignored, refuse):
                continue
            if entry.is_dir():
                own = os.path.realpath(entry.path) if entry.is_symlink() else f"{real}/{entry.name}"
                if own not in above:  # else a link to a folder that it lies in
                    pending.append((entry.path, own, above | {own}))
            elif not ignored(entry.path) and (about := _regular(entry, refuse)):
                yield entry, about


def _is_clutter(name: str) -> bool:
    return name in IGNORED or name.endswith(("~", ".swp", ".pyc", ".egg-info"))


def _regular(entry: os.DirEntry[str], refuse: Refuse) -> os.stat_result | None:
    try:
        about = entry.stat()
    except OSError:
        return None  # it went meanwhile, or is a link to nothing
    if stat.S_ISREG(about.st_mode):
        return about
    refuse(entry.path, f"it is {_kind(about.st_mode)}", f"Remove it. {_LEAVE_OUT}")
    return None


def _listed(path: str, refuse: Refuse) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return list(found)
    except PermissionError:
        refuse(path, "its files may not be listed", f"Give yourself the right to. {_LEAVE_OUT}")
    except OSError:
        pass
    return []


def _leads_inside(entry: os.DirEntry[str], root: str, ignored: Ignored, refuse: Refuse) -> bool:
    """Return whether something is no link, or one to what lies below ``root``."""
    if not entry.is_symlink():
        return True
    target = os.path.realpath(entry.path)
    if ignored(entry.path) or not os.path.exists(target):
        return False
    if target == root or target.startswith(f"{root}/"):
        return True
    why = f"it is a symbolic link to {target}, which lies outside {root}"
    refuse(entry.path, why, f"Put the file itself there. {_LEAVE_OUT}")
    return False


def _kind(mode: int) -> str:
    names = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return names.get(stat.S_IFMT(mode), "a device")


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
    negation, pattern = ("!", line[1:]) if line[0] == "!" else ("", line)
    return f"{negation}/{pattern.strip().removeprefix('./').lstrip('/')}"
