"""The login of a database that can only read: who uses it, and what is named after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seatrial.model.app import App

READ = "read"  # the access whose login can only SELECT


def reader(noun: str) -> str:
    """Return the name of what ``uses: [NOUN: read]`` gives: of its variables, secret and task."""
    return f"{noun}-reader"


def address(noun: str) -> str:
    """Return the address of its secret, log group and task; no noun has an underscore."""
    return f"{noun}_reader"


def read(app: App) -> list[str]:
    """Return the databases that a service uses with the login that only reads."""
    kinds = {use.name: app.kind_of(use.name) for use in app.uses}
    return sorted({u.name for u in app.uses if (k := kinds[u.name]) and u.access in k.beside})
