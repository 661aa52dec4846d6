"""Values of secrets set by hand, in a rehearsal: from a file, the environment, or a placeholder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from seatrial.cloud import secrets as secrets_of
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.ops.secret import manual, place, placeholder
from seatrial.rehearsal.session import Running
from seatrial.resources.context import Context
from seatrial_runtime.contract import variable

FILE = "secrets.env"


def source(project: Path, app: App, emit: Emit, placeholders: list[str]) -> Callable[[str], str]:
    """Return where values come from; names without one are added to ``placeholders``."""
    own = given(project, app)

    def value(noun: str) -> str:
        if noun in own:
            return own[noun]
        placeholders.append(noun)
        _warn(noun, emit)
        return placeholder(app, noun)

    return value


def given(project: Path, app: App) -> dict[str, str]:
    """Return the values that were set for rehearsals, then those of the environment, by noun."""
    stored = read(project)
    found = {n: stored.get(n) or os.environ.get(variable(n), "") for n in manual(app)}
    return {noun: text for noun, text in found.items() if text}


def deliver(project: Path, app: App, running: Running, emit: Emit) -> list[str]:
    """Give a rehearsal's secrets the values set since; return those that have a placeholder.

    Those that are said to exist already are made where they are missing. Tasks that run keep the
    old value until they are restarted.
    """
    own, session = given(project, app), Session(running.target)
    there = {noun: secret for noun, secret in app.secrets.items() if secret.existing}
    dummies = [noun for noun in there if noun not in own]
    for noun in dummies:
        _warn(noun, emit)
    if there:
        running.call(
            "keep", values={place(app, n): own.get(n) or placeholder(app, n) for n in there}
        )
    for noun in (noun for noun in manual(app) if noun not in there):
        name = Context(app).secret(noun)
        now = secrets_of.value(session, name)
        if now is None:
            continue
        if noun in own and own[noun] != now[0]:
            secrets_of.put(session, name, own[noun])
        elif now[0] == placeholder(app, noun):
            dummies.append(noun)
            _warn(noun, emit)
    return dummies


def _warn(noun: str, emit: Emit) -> None:
    text = f"secret {noun} has a placeholder value; set it with `seatrial secret set {noun}`"
    emit(Note(text, warning=True))


def read(project: Path) -> dict[str, str]:
    """Return the values that were set for rehearsals of this project."""
    path = project / ".seatrial" / FILE
    if not path.is_file():
        return {}
    rows = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: bytes.fromhex(value).decode() for name, _, value in rows if name}


def write(project: Path, noun: str, value: str) -> None:
    """Set a value for rehearsals, in a file that only its owner can read; raises UsageError."""
    if "\0" in value or not value:
        raise UsageError(
            Problem(
                "usage-secret",
                "the secret's value is empty or contains a NUL character",
                "Pass the value on standard input.",
            )
        )
    _save(project, read(project) | {noun: value})


def forget(project: Path, noun: str) -> bool:
    """Delete a value; return False where none was set."""
    stored = read(project)
    was_set = stored.pop(noun, None) is not None
    if was_set:
        _save(project, stored)
    return was_set


def _save(project: Path, stored: dict[str, str]) -> None:
    folder = project / ".seatrial"
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_text("".join(f"{n}={v.encode().hex()}\n" for n, v in sorted(stored.items())))
