"""Reading a project's files: tolerant, small, never outside the project."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

LARGEST = 512 * 1024  # bytes of a file that is read
MOST_FILES = 600
SKIPPED = {
    "node_modules",
    "venv",
    "env",
    "site-packages",
    "dist",
    "build",
    "tests",
    "test",
    "migrations",
    "docs",
    "__pycache__",
    "static",
    "vendor",
}


class _Loader(yaml.SafeLoader):
    """YAML of other tools: tags such as CloudFormation's `!Ref` give their plain value."""


def _untagged(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_multi_constructor("!", _untagged)


def text(path: Path) -> str:
    """Return a file's text; empty where it cannot be read or is too large."""
    try:
        if path.stat().st_size > LARGEST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def yaml_map(path: Path) -> dict[str, Any]:
    """Return a YAML file's map; empty where it is none."""
    try:
        found = yaml.load(text(path), _Loader)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {"on" if key is True else key: value for key, value in found.items()}  # YAML 1.1's `on`


def json_map(path: Path) -> dict[str, Any]:
    """Return a JSON file's map; empty where it is none."""
    try:
        found = json.loads(text(path))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def toml_map(path: Path) -> dict[str, Any]:
    """Return a TOML file's map; empty where it is none."""
    try:
        return tomllib.loads(text(path))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def mapping(value: Any) -> dict[str, Any]:
    """Return a value that should be a map, with keys as text; empty where it is none."""
    return {str(key): inner for key, inner in value.items()} if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """Return a value that should be a list; a single value is a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def words(value: Any) -> str | list[str]:
    """Return a command as a file has it: a line, or its words."""
    if isinstance(value, list):
        return [str(word) for word in value]
    return str(value) if isinstance(value, str | int | float) else ""


def plain(value: Any) -> str:
    """Return a scalar as other tools write it into the environment."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def python_files(folder: Path) -> Iterator[Path]:
    """Yield the Python files of a project, the nearest first, at most MOST_FILES."""
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in SKIPPED and not f.startswith("."))
        if len(Path(root).relative_to(folder).parts) >= 5:
            folders[:] = []
        for name in sorted(names):
            if name.endswith(".py") and not name.startswith("test_"):
                count += 1
                if count > MOST_FILES:
                    return
                yield Path(root) / name


def relative(*parts: str) -> str:
    """Return a path below the project as the app file writes it: `.`, or `./api`."""
    joined = os.path.normpath(os.path.join(*parts)) if parts else "."
    return "." if joined == "." else joined if joined.startswith("..") else f"./{joined}"
