"""The record of each release, beside the state: what was applied, when, and how it ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from pydantic import ValidationError

from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.model.app import App


@dataclass(frozen=True, kw_only=True)
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
    return _read(session, _key(session, app, "serving.json"))


def read(session: Session, app: str, number: int) -> Record | None:
    """Return a release by its number, or None where there is none."""
    return _read(session, _key(session, app, f"releases/{number}/record.json"))


def every(session: Session, app: str) -> list[Record]:
    """Return every release, the newest first."""
    found = [read(session, app, n) for n in range(last_number(session, app), 0, -1)]
    return [record for record in found if record]


def last_number(session: Session, app: str) -> int:
    """Return the number of the newest release, whatever became of it."""
    key = _key(session, app, "last.json")
    found = storage.read_json(session, key)
    try:
        return int(found["number"]) if found else 0
    except (LookupError, TypeError, ValueError) as error:
        raise _unreadable(session, key, error) from error


def save(session: Session, app: str, record: Record) -> None:
    """Write a record; a release that serves also becomes the serving one."""
    body = json.dumps(asdict(record)).encode()
    storage.write(session, _key(session, app, f"releases/{record.number}/record.json"), body)
    number = json.dumps({"number": record.number}).encode()
    storage.write(session, _key(session, app, "last.json"), number)
    if record.result == "serving":
        storage.write(session, _key(session, app, "serving.json"), body)


def app_of(record: Record, environment: str) -> App:
    """Return the app that a record was made from.

    Raises UserError where this version of Seatrial does not understand it.
    """
    try:
        return App.model_validate({**record.app, "environment": environment})
    except ValidationError as error:
        raise UserError.of(
            "release-record",
            f"this version of Seatrial cannot read the app of release {record.number}: {error}",
            "Use the version that deployed it, or a newer one.",
        ) from error


def _read(session: Session, key: str) -> Record | None:
    """Return a record; keys that a newer version added are left out."""
    found = storage.read_json(session, key)
    if not found:
        return None
    known = {name.name for name in fields(Record)}
    try:
        return Record(**{name: value for name, value in found.items() if name in known})
    except (TypeError, AttributeError) as error:
        raise _unreadable(session, key, error) from error


def _unreadable(session: Session, key: str, error: Exception) -> UserError:
    return UserError.of(
        "release-record",
        f"s3://{session.target.state_bucket}/{key} is no release record ({error})",
        "Restore the object's previous version: the state bucket keeps all versions.",
    )


def _key(session: Session, app: str, name: str) -> str:
    return f"{app}/{session.target.environment}/{name}"
