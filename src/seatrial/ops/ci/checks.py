"""The app's own lint and tests, where its files say that it has them."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The first file that says what a Python project's tests take (pip's requirements files).
REQUIREMENTS = ("requirements-dev.txt", "requirements/dev.txt", "requirements.txt")
LOCKS = {
    "package-lock.json": "npm ci",
    "pnpm-lock.yaml": "npx --yes corepack enable && pnpm install --frozen-lockfile",
    "yarn.lock": "npx --yes corepack enable && yarn install --frozen-lockfile",
}
NO_TEST = "no test specified"  # what `npm init` writes for a project without tests


@dataclass(frozen=True)
class Check:
    """Commands of one folder, which is relative to the repository's root."""

    folder: str
    name: str
    commands: tuple[str, ...]


def of_folders(root: Path, folders: list[Path]) -> list[Check]:
    """Return the checks of some folders that are in a repository."""
    found = []
    for folder in folders:
        if folder.is_dir() and folder.is_relative_to(root.resolve()):
            at = folder.relative_to(root.resolve()).as_posix()
            found += [Check(at, name, done) for name, done in (*_python(folder), *_node(folder))]
    return found


def _python(folder: Path) -> list[tuple[str, tuple[str, ...]]]:
    settings = _toml(folder / "pyproject.toml").get("tool", {})
    found: list[tuple[str, tuple[str, ...]]] = []
    if "ruff" in settings or (folder / "ruff.toml").is_file():
        found.append(("ruff", ("pipx run ruff check .",)))
    if any(folder.glob("tests/**/test_*.py")) or any(folder.glob("test_*.py")):
        environment = ("python -m venv .venv", f".venv/bin/pip install --quiet {_needs(folder)}")
        found.append(("pytest", (*environment, ".venv/bin/python -m pytest")))
    return found


def _needs(folder: Path) -> str:
    """Return what pip installs for a folder's tests."""
    named = next((name for name in REQUIREMENTS if (folder / name).is_file()), "")
    if named:
        return f"pytest -r {named}"
    return "pytest ." if "project" in _toml(folder / "pyproject.toml") else "pytest"


def _node(folder: Path) -> list[tuple[str, tuple[str, ...]]]:
    scripts = _json(folder / "package.json").get("scripts", {})
    wanted = [
        name
        for name in ("lint", "test")
        if isinstance(scripts, dict) and scripts.get(name) and NO_TEST not in str(scripts[name])
    ]
    if not wanted:
        return []
    install = next((LOCKS[name] for name in LOCKS if (folder / name).is_file()), "npm install")
    return [("npm " + " and ".join(wanted), (install, *(f"npm run {name}" for name in wanted)))]


def _toml(path: Path) -> dict[str, Any]:
    """Return a TOML file; nothing where there is none that can be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _json(path: Path) -> dict[str, Any]:
    """Return a JSON object of a file; nothing where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
