"""What a release breaks for the one before it, and for requests while it replaces it.

Migrations that the code before them cannot work with (dropped, renamed, tightened) are read from
the files of migrations in a build's folder, as text; nothing is run. A comment in the file declares
what reading cannot know: ``seatrial: incompatible``, or ``seatrial: compatible``.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from seatrial.model.app import App
from seatrial.ops.images import sources

_PLACES = re.compile(r"(^|[/_.-])(migrations?|migrate|alembic|versions)([/_.-]|$)", re.IGNORECASE)
_DECLARED = re.compile(r"(?:#|--|/\*)\s*seatrial:\s*(incompatible|compatible)\b", re.IGNORECASE)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_BACKWARDS = ("downgrade", "down", "rollback", "reverse", "backwards")
# What old code trips over, in SQL (PostgreSQL manual, "ALTER TABLE").
_STATEMENTS = {
    "drops a table": r"\bdrop\s+table\b",
    "drops a column": r"\bdrop\s+column\b",
    "renames": r"\brename\s+(to|column|constraint|\w+\s+to)\b",
    "empties a table": r"\btruncate\b",
    "changes a column's type": r"\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b",
    "forbids NULL": r"\bset\s+not\s+null\b",
    "adds a column that must be given": r"\badd\s+(column\s+)?(if\s+not\s+exists\s+)?\w+\s+"
    r"(?![^,;]*\bdefault\b)[^,;]*\bnot\s+null\b",
}
# The same as Alembic's and Django's operations say it.
_CALLS = {
    "drop_table": "drops a table",
    "drop_column": "drops a column",
    "rename_table": "renames",
    "DeleteModel": "drops a table",
    "RemoveField": "drops a column",
    "RenameField": "renames",
    "RenameModel": "renames",
}


def files(app: App, folder: Path) -> dict[str, str]:
    """Return the files of an app's migrations, by their path in the project, and their hashes."""
    builds = {s.build.context for s in app.services.values() if s.build and s.migrate}
    found = {}
    for build in sorted(builds):
        for path in map(Path, sorted(sources.stamps(folder / build))):
            inside = path.relative_to(folder / build).as_posix()
            if path.suffix in (".py", ".sql") and _PLACES.search(inside):
                key = path.relative_to(folder).as_posix()
                found[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return found


def new(folder: Path, known: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return what the migrations that are new or changed do to older code, a sentence each."""
    return [
        f"{path} {what}"
        for path, digest in now.items()
        if known.get(path) != digest
        for what in found(folder / path)
    ]


def found(path: Path) -> list[str]:
    """Return what one migration does to older code; empty where it only adds."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if declared := _DECLARED.search(text):
        return ["is declared incompatible"] if declared[1].lower() == "incompatible" else []
    seen = _python(text) if path.suffix == ".py" else _sql(text)
    return list(dict.fromkeys(seen))


def _sql(text: str) -> Iterator[str]:
    plain = _COMMENTS.sub(" ", text)
    for what, pattern in _STATEMENTS.items():
        if re.search(pattern, plain, re.IGNORECASE):
            yield what


def _python(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in _forwards(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _sql(node.value)
        elif isinstance(node, ast.Call):
            yield from _call(node)


def _forwards(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every part of a program but its downgrades and docstrings."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef) and child.name in _BACKWARDS:
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        yield child
        yield from _forwards(child)


def _call(node: ast.Call) -> Iterator[str]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    given = {word.arg: word.value for word in node.keywords}
    if name in _CALLS:
        yield _CALLS[name]
    if name == "alter_column":
        if "new_column_name" in given:
            yield "renames"
        if "type_" in given:
            yield "changes a column's type"
        if _is(given.get("nullable"), value=False):
            yield "forbids NULL"
    if name == "add_column":
        for column in (a for a in node.args if isinstance(a, ast.Call)):
            words = {word.arg: word.value for word in column.keywords}
            if _is(words.get("nullable"), value=False) and "server_default" not in words:
                yield "adds a column that must be given"


def _is(node: ast.expr | None, *, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def moved_paths(served: App | None, app: App) -> tuple[str, ...]:
    """Return a sentence for each public path that another service answers, since its own ends."""
    if served is None:
        return ()
    ending = {n: s for n, s in served.services.items() if s.public and n not in app.services}
    return tuple(
        f"services.{new}: it answers {path} instead of {old}, which ends: requests fail meanwhile. "
        f"Deploy {new} beside {old} first, at another path; then move the path; then remove {old}"
        for old, before in sorted(ending.items())
        for new, after in sorted(app.services.items())
        for path in (after.public.path if after.public else ())
        if before.public and path in before.public.path
    )
