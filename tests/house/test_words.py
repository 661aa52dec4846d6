"""Words that need a key are refused, with the better one; pages name files that exist."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import measure

ROOT = Path(__file__).parents[2]

# A word, and what to write instead.
WORDS = {
    "sky": "emulator",
    "weather": "API failures",
    "mending": "patch",
    "mendings": "patches",
    "mend": "fix",
    "mended": "fixed, patched",
    "keeper": "the daemon, the first process",
    "twin": "copy, duplicate",
    "harm": "fault, outage",
    "desk": "a connection to a target: Connection",
    "scene": "context",
    "told": "reported",
    "drawer": "printer",
    "ailing": "unhealthy",
}
PHRASES = {
    "hand over": "pass",
    "nobody is here": "no terminal",
    "could not be had": "could not install",
    "is no moment": "is not a time",
    "is no time": "is not a duration",
    "begins anew": "starts empty",
    "asks nobody": "needs no account",
    "a dummy stands": "placeholder value in use",
    "put back": "rolled back",
    "tells nobody": "notifies no one",
    "the wire": "in transit, the network",
    "under way": "in progress",
    "way out": "egress, fix",
    "ways out": "egress",
    "way back": "rollback, restore",
    "ways back": "downgrades, restores",
    "by a hand": "by an operator",
    "fair weather": "no failure",
}
# Words that say nothing as a name: fine in a sentence, refused as a part of an identifier (but for
# the names of tests, which are sentences).
NAMES = {
    "asked": "requested, or what it is: requests, command, version_file",
    "bites": "applies_to",
    "box": "container; in a picture: box",
    "boxes": "containers; in a picture: boxes",
    "door": "egress, port, login",
    "doors": "egresses, ports",
    "hand": "manual",
    "hands": "runner, manager",
    "ill": "unhealthy",
    "kept": "retained, stored, cached, or what it is",
    "mood": "state, failure",
    "way": "route, cause, method",
    "ways": "routes, causes, methods",
    "wire": "network, sandbox, protocol",
    "wires": "networks",
}
PICTURES = (
    "src/seatrial/cli/pictures.py",
    "src/seatrial/cli/commands/diagram.py",
    "tests/cli/test_diagram.py",
    "examples/model-registry/api/registry/pictures.py",
)
# Names by which programs outside this repository know a thing, and pages about the past.
EXCEPT = ("CHANGELOG.md", "docs/decisions/", "docs/coverage.", "tests/house/test_words.py")


def texts() -> list[tuple[str, str]]:
    """Return each tracked file of code and pages, with its text."""
    tracked = subprocess.run(
        ["git", "ls-files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    kinds = (".py", ".md", ".toml", ".yml", ".yaml", ".sql")
    names = [n for n in tracked if n.endswith(kinds) and not n.startswith(EXCEPT)]
    return [(n, (ROOT / n).read_text(encoding="utf-8")) for n in names if (ROOT / n).is_file()]


def identifiers(path: Path) -> Iterator[str]:
    """Yield every name that a module defines, passes or reads."""
    for node in ast.walk(measure.parsed(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if not name.startswith("test_"):
                    yield name
            case ast.ClassDef(name=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name


def parts(identifier: str) -> set[str]:
    """Return the words of an identifier, in lower case."""
    return set(re.sub(r"([a-z])([A-Z])", r"\1_\2", identifier).lower().split("_"))


def test_private_words_are_refused():
    """No identifier, text, comment or page has a refused word; the failure names a better one."""
    words = re.compile(rf"(?<![a-z])({'|'.join(WORDS)})(?![a-z])")
    phrases = re.compile("|".join(PHRASES))
    better = WORDS | PHRASES
    found = set()
    for name, text in texts():
        plain = re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()
        hits = {*words.findall(plain), *phrases.findall(" ".join(plain.split()))}
        found |= {f"{name}: `{hit}`: write {better[hit]}" for hit in hits}
    assert sorted(found) == []


def test_identifiers_say_what_they_hold():
    """No identifier has a word that needs a key; the failure names a better one."""
    found = {
        f"{name}: `{identifier}`: write {NAMES[word]}"
        for name, _ in texts()
        if name.endswith(".py")
        for identifier in set(identifiers(ROOT / name))
        for word in parts(identifier) & NAMES.keys()
        if not (name in PICTURES and word in ("box", "boxes"))
    }
    assert sorted(found) == []


def test_architecture_page_names_files_that_exist():
    """Every path of docs/architecture.md with a folder in it is a file of this repository."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:src|packages)/[\w/.]+\.py)`", page)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).is_file()] == []
