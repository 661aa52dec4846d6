"""Who calls, and the running store."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Header, Request

from sheetgpt import accounts
from sheetgpt.errors import RefusedError
from sheetgpt.store import Store
from sheetgpt.tables import User


async def store(request: Request) -> Store:
    """Return the running store."""
    return cast(Store, request.app.state.store)


Here = Annotated[Store, Depends(store)]


def caller(here: Here, authorization: Annotated[str | None, Header()] = None) -> User:
    """Return whose access token the Authorization header has; 401 for anything else."""
    kind, _, token = (authorization or "").partition(" ")
    return accounts.caller(here, token.strip() if kind.lower() == "bearer" else "")


Caller = Annotated[User, Depends(caller)]


def admin(user: Caller) -> User:
    """Return a caller who is an admin; 403 for others."""
    if not user.is_admin:
        raise RefusedError(403, "this needs an admin")
    return user


Admin = Annotated[User, Depends(admin)]
