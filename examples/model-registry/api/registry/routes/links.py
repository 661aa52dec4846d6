"""Links to bytes: signed for one user and one artifact, good for a day, no token in them."""

from __future__ import annotations

import hashlib
import hmac
import time

from fastapi import Request

from registry.errors import RefusedError
from registry.store import Registry
from registry.tables import User

SECONDS = 86_400


def download(request: Request, user: User, id_: str) -> str:
    """Return a link to an artifact's bytes."""
    here: Registry = request.app.state.registry
    expires = int(time.time()) + SECONDS
    mark = _mark(here, id_, user.id, expires)
    path = request.url_for("download", id=id_)
    return str(path.include_query_params(user=user.id, expires=expires, signature=mark))


def check(here: Registry, id_: str, user: int, expires: int, signature: str) -> None:
    """Raise RefusedError 403 where a link was changed or is too old."""
    good = hmac.compare_digest(_mark(here, id_, user, expires).encode(), signature.encode())
    if not good or expires < time.time():
        raise RefusedError(403, "the link is not valid, or too old: ask for the artifact again")


def _mark(here: Registry, id_: str, user: int, expires: int) -> str:
    key = here.settings.session_key.reveal().encode()
    return hmac.new(key, f"{id_}:{user}:{expires}".encode(), hashlib.sha256).hexdigest()
