"""Who asks, and whether they may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import Cookie, Depends, Header, Request

from registry import sessions
from registry.errors import RefusedError
from registry.store import Registry
from registry.tables import User

COOKIE = "registry_token"


# What waits for nothing is async: FastAPI runs every other dependency in a thread.
async def registry(request: Request) -> Registry:
    """Return the running registry."""
    return cast(Registry, request.app.state.registry)


Here = Annotated[Registry, Depends(registry)]


def caller(
    here: Here,
    x_authorization: Annotated[str | None, Header(alias="X-Authorization")] = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)] = None,
) -> User:
    """Return who asks, by the contract's header or by the pages' cookie; one call off the token.

    The cookie is SameSite=Strict: another site's page cannot send it. 403 for anything else.
    """
    return sessions.caller(here, x_authorization if x_authorization is not None else cookie)


Caller = Annotated[User, Depends(caller)]


def needs(permission: str) -> Callable[[User], Awaitable[User]]:
    """Return a dependency: a caller with a permission."""

    async def allowed(user: Caller) -> User:
        if not user.may(permission):
            raise RefusedError(403, f"this needs the permission {permission}")
        return user

    return allowed


def address_of(request: Request) -> str:
    """Return whence a request comes, as the balancer in front wrote it down."""
    return request.client.host if request.client else ""


Searcher = Annotated[User, Depends(needs("search"))]
Uploader = Annotated[User, Depends(needs("upload"))]
Downloader = Annotated[User, Depends(needs("download"))]
Admin = Annotated[User, Depends(needs("admin"))]
