"""One deploy lock over both roots of an environment: a conditional put, released by its id."""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.engine import process
from seatrial.errors import LockedError, Problem, UsageError, UserError

PATIENCE = 60.0  # seconds in which a Terraform whose command was killed ends


@contextmanager
def held(session: Session, app: str, command: str) -> Iterator[None]:
    """Hold the lock while the block runs; raises LockedError with its holder."""
    key = f"{app}/{session.target.environment}/deploy.lock"
    identity = str(uuid.uuid4())
    body = {
        "id": identity,
        "who": user(),
        "host": socket.gethostname(),
        "process": os.getpid(),
        "command": command,
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if not storage.write_new(session, key, json.dumps(body).encode()):
        holder = storage.read_json(session, key) or {}
        if holder.get("id") != identity:  # else an answer was lost, and the retry met our own lock
            raise LockedError(_reported(session, holder))
    try:
        yield
    except UserError as error:
        try:
            _give_back(session, key, identity)
        except UserError:
            raise type(error)(*error.problems, _left(session, identity)) from error
        raise
    except BaseException:
        _give_back(session, key, identity)
        raise
    _give_back(session, key, identity)


def _give_back(session: Session, key: str, identity: str) -> None:
    found = storage.read_json(session, key)
    if found and found.get("id") == identity:
        storage.remove(session, key)


def _left(session: Session, identity: str) -> Problem:
    return Problem(
        "deploy-lock-left",
        "the deploy lock could not be released",
        f"Run `seatrial unlock {session.target.environment} {identity}`, then the command again.",
    )


def left(session: Session, app: str) -> str:
    """Return who left the lock and its ID, where its holder was a process that is gone."""
    holder = storage.read_json(session, f"{app}/{session.target.environment}/deploy.lock") or {}
    if not _over(holder):
        return ""
    return (
        f"{holder.get('who', 'somebody')} ran `{holder.get('command', '?')}`, and that process is "
        f"gone; the ID is {holder.get('id', '')}"
    )


def release(session: Session, app: str, identity: str) -> list[str]:
    """Release a lock that its holder left behind; returns the keys that were removed.

    ``identity`` is that of our own lock, with which Terraform's go, or of one of Terraform's.
    Raises UsageError where no such lock is held, LockedError while a Terraform that outlived its
    command still ends what it had begun on this machine.
    """
    _wait_for_terraform(session)
    prefix = f"{app}/{session.target.environment}/"
    names = ("deploy.lock", "foundation.tfstate.tflock", "release.tfstate.tflock")
    held = {name: storage.read_json(session, prefix + name) for name in names}
    found = {name: row.get("id") or row.get("ID") for name, row in held.items() if row}
    if identity not in found.values():
        text = ", ".join(f"{key} is {value}" for key, value in found.items()) or "there is no lock"
        raise UsageError(
            Problem("deploy-unlock", f"no lock is {identity}: {text}", "Check the lock's ID.")
        )
    whole = found.get("deploy.lock") == identity
    gone = [prefix + name for name, value in found.items() if whole or value == identity]
    for key in gone:
        storage.remove(session, key)
    return gone


def _wait_for_terraform(session: Session) -> None:
    deadline = time.monotonic() + PATIENCE
    while left := process.at_work(session.target.folder):
        if time.monotonic() > deadline:
            numbers = ", ".join(map(str, left))
            raise LockedError(
                Problem(
                    "deploy-locked",
                    f"Terraform is still running (process {numbers})",
                    "Wait until it ends: it saves its state.",
                )
            )
        time.sleep(0.2)


def _reported(session: Session, holder: dict[str, Any]) -> Problem:
    since = str(holder.get("since", ""))
    fix = "Wait for it."
    if _over(holder):
        fix = "That process is gone from this machine."
    unlock = f"`seatrial unlock {session.target.environment} {holder.get('id', '')}`"
    return Problem(
        "deploy-locked",
        f"{holder.get('who', 'somebody')} on {holder.get('host', 'a machine')} "
        f"runs `{holder.get('command', '?')}` since {since or '?'}{_age(since)}",
        f"{fix} If that run is dead, release the lock: {unlock}.",
    )


def _age(since: str) -> str:
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds()
    except (ValueError, TypeError):
        return ""
    return f" ({seconds / 60:.0f} minutes)" if seconds >= 60 else f" ({seconds:.0f} s)"


def _over(holder: dict[str, Any]) -> bool:
    """Say whether the holder was a process of this machine that is gone."""
    if holder.get("host") != socket.gethostname():
        return False
    number = holder.get("process")
    return isinstance(number, int) and not process.alive(number)


def user() -> str:
    """Return who works here, by the machine's name for them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
