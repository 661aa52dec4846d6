"""Values of secrets that are set by hand, in a rehearsal: a file, the environment, or a dummy."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from seatrial.errors import Problem, UsageError
from seatrial.events import Emit, Note
from seatrial_runtime.contract import variable

FILE = "secrets.env"


def source(project: Path, emit: Emit, dummies: list[str]) -> Callable[[str], str]:
    """Return where values come from; names that got a dummy are added to ``dummies``."""
    kept = read(project)

    def value(noun: str) -> str:
        if noun in kept:
            return kept[noun]
        if found := os.environ.get(variable(noun)):
            return found
        dummies.append(noun)
        emit(
            Note(
                f"secret {noun} has a dummy value; set it: seatrial secret set {noun}", warning=True
            )
        )
        return f"rehearsal-dummy-{noun}"

    return value


def read(project: Path) -> dict[str, str]:
    """Return the values that were set for rehearsals of this project."""
    path = project / ".seatrial" / FILE
    if not path.is_file():
        return {}
    rows = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: bytes.fromhex(value).decode() for name, _, value in rows if name}


def write(project: Path, noun: str, value: str) -> None:
    """Set a value for rehearsals; the file is readable by its owner alone."""
    if "\0" in value or not value:
        raise UsageError(
            Problem(
                "usage-secret",
                "a secret's value cannot be empty",
                "Give the value on standard input.",
            )
        )
    _keep(project, read(project) | {noun: value})


def forget(project: Path, noun: str) -> bool:
    """Forget a value; False where none was set."""
    kept = read(project)
    there = kept.pop(noun, None) is not None
    if there:
        _keep(project, kept)
    return there


def _keep(project: Path, kept: dict[str, str]) -> None:
    folder = project / ".seatrial"
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_text("".join(f"{n}={v.encode().hex()}\n" for n, v in sorted(kept.items())))
