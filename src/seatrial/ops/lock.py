"""One deploy lock over both roots of an environment: a conditional put, released by its id."""

from __future__ import annotations

import getpass
import json
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.errors import LockedError, Problem


@contextmanager
def held(session: Session, app: str, command: str) -> Iterator[None]:
    """Hold the lock while the block runs; raises LockedError with its holder."""
    key = f"{app}/{session.target.environment}/deploy.lock"
    identity = str(uuid.uuid4())
    body = {
        "id": identity,
        "who": _user(),
        "host": socket.gethostname(),
        "process": os.getpid(),
        "command": command,
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if not storage.write_new(session, key, json.dumps(body).encode()):
        holder = storage.read_json(session, key) or {}
        raise LockedError(
            Problem(
                "deploy-locked",
                f"{holder.get('who', 'somebody')} on {holder.get('host', 'a machine')} "
                f"runs `{holder.get('command', '?')}` since {holder.get('since', '?')}",
                f"Wait for it. If that process is gone for good, delete s3://"
                f"{session.target.state_bucket}/{key}.",
            )
        )
    try:
        yield
    finally:
        found = storage.read_json(session, key)
        if found and found.get("id") == identity:
            storage.remove(session, key)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
