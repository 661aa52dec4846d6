"""The record of each release, beside the state: what was applied, when, and how it ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.model.app import App


@dataclass(frozen=True)
class Record:
    """One release; ``document`` is its rendered release root.

    ``commit`` is Git's, with ``+changes`` where files differed from it; ``migrations`` are the
    hashes of its migrations' files, ``breaks`` what the new ones do to the code before them.
    """

    number: int
    result: str
    app: dict[str, Any]
    document: dict[str, Any]
    images: dict[str, str]
    at: str
    seconds: dict[str, float] = field(default_factory=dict)
    back_to: int = 0  # the release that a rollback made serve again
    commit: str = ""
    who: str = ""
    migrations: dict[str, str] = field(default_factory=dict)
    breaks: list[str] = field(default_factory=list)
    sites: dict[str, str] = field(default_factory=dict)  # the digest of each site's files


def serving(session: Session, app: str) -> Record | None:
    """Return the newest release that serves, or None before the first."""
    found = storage.read_json(session, _key(session, app, "serving.json"))
    return Record(**found) if found else None


def read(session: Session, app: str, number: int) -> Record | None:
    """Return a release by its number, or None where there is none."""
    found = storage.read_json(session, _key(session, app, f"releases/{number}/record.json"))
    return Record(**found) if found else None


def every(session: Session, app: str) -> list[Record]:
    """Return every release, the newest first."""
    found = [read(session, app, n) for n in range(last_number(session, app), 0, -1)]
    return [record for record in found if record]


def last_number(session: Session, app: str) -> int:
    """Return the number of the newest release, whatever became of it."""
    found = storage.read_json(session, _key(session, app, "last.json"))
    return int(found["number"]) if found else 0


def save(session: Session, app: str, record: Record) -> None:
    """Write a record; a release that serves also becomes the serving one."""
    body = json.dumps(asdict(record)).encode()
    storage.write(session, _key(session, app, f"releases/{record.number}/record.json"), body)
    number = json.dumps({"number": record.number}).encode()
    storage.write(session, _key(session, app, "last.json"), number)
    if record.result == "serving":
        storage.write(session, _key(session, app, "serving.json"), body)


def app_of(record: Record, environment: str) -> App:
    """Return the app that a record was made from."""
    return App.model_validate({**record.app, "environment": environment})


def _key(session: Session, app: str, name: str) -> str:
    return f"{app}/{session.target.environment}/{name}"
