"""Words that need a key are refused, with the better one; pages name files that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

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
}
# Folders that still have some of these words: take an entry out once its folder is clean.
STILL = {
    "weather": ("tests",),
    "told": ("src/seatrial/cloud", "tests"),
    "put back": ("src/seatrial/ops/deploy.py",),
    "asks nobody": ("tests",),
}
# Names by which programs outside this repository know a thing, and pages about the past.
EXCEPT = ("CHANGELOG.md", "docs/decisions/", "docs/coverage.", "tests/house/test_words.py")


def texts() -> list[tuple[str, str]]:
    """Return each tracked file of code and pages, with its text."""
    tracked = subprocess.run(
        ["git", "ls-files", "src", "packages", "tests", "tools", "docs", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    names = [n for n in tracked if n.endswith((".py", ".md")) and not n.startswith(EXCEPT)]
    return [(n, (ROOT / n).read_text(encoding="utf-8")) for n in names if (ROOT / n).is_file()]


def is_still_allowed(word: str, name: str) -> bool:
    """Return whether a folder has not been cleaned of a word yet."""
    return name.startswith(STILL.get(word, ("//",)))


def test_private_words_are_refused():
    """No identifier, text, comment or page has a refused word; the failure names a better one."""
    words = re.compile(rf"(?<![a-z])({'|'.join(WORDS)})(?![a-z])")
    phrases = re.compile("|".join(PHRASES))
    better = WORDS | PHRASES
    found = set()
    for name, text in texts():
        plain = re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()
        hits = {*words.findall(plain), *phrases.findall(" ".join(plain.split()))}
        found |= {
            f"{name}: `{hit}`: write {better[hit]}"
            for hit in hits
            if not is_still_allowed(hit, name)
        }
    assert sorted(found) == []


def test_architecture_page_names_files_that_exist():
    """Every path of docs/architecture.md with a folder in it is a file of this repository."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:src|packages)/[\w/.]+\.py)`", page)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).is_file()] == []
