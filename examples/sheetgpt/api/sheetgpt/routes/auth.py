"""Accounts: register, log in, refresh, log out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from sheetgpt import accounts
from sheetgpt.errors import RefusedError
from sheetgpt.routes.access import Admin, Caller, Here
from sheetgpt.store import Store
from sheetgpt.tables import User

routes = APIRouter(prefix="/api/v1/auth", tags=["auth"])
COOKIE = "sheetgpt_refresh"


class Credentials(BaseModel):
    """An address and a password."""

    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]


class Activity(BaseModel):
    """Whether an account may be used."""

    is_active: bool


@routes.post("/register", status_code=201)
def register(here: Here, given: Credentials) -> dict[str, Any]:
    """Add an account. The first one is the admin."""
    return _account(accounts.register(here, given.email, given.password))


@routes.post("/login")
def log_in(here: Here, given: Credentials, request: Request, response: Response) -> dict[str, Any]:
    """Return an access token; the session's own token is a cookie that no script reads."""
    user = accounts.log_in(here, given.email, given.password)
    return _tokens(here, user, accounts.refresh_token(here, user), request, response)


@routes.post("/refresh")
def refresh(
    here: Here, request: Request, response: Response,
    token: Annotated[str, Cookie(alias=COOKIE)] = "",
) -> dict[str, Any]:  # fmt: skip
    """Return a new access token for a session."""
    user, following = accounts.refreshed(here, token)
    return _tokens(here, user, following, request, response)


@routes.post("/logout", status_code=204)
def log_out(
    here: Here, response: Response, token: Annotated[str, Cookie(alias=COOKIE)] = ""
) -> None:
    """End a session."""
    accounts.log_out(here, token)
    response.delete_cookie(COOKIE, path=routes.prefix)


@routes.get("/me")
def me(user: Caller) -> dict[str, Any]:
    """Return the caller's account."""
    return _account(user)


@routes.get("/users")
def users(here: Here, _: Admin) -> list[dict[str, Any]]:
    """Return every account."""
    with here.transaction() as db:
        return [_account(row) for row in db.scalars(select(User).order_by(User.id))]


@routes.patch("/users/{user}")
def activate(here: Here, admin: Admin, user: int, given: Activity) -> dict[str, Any]:
    """Let an account be used, or not."""
    with here.transaction() as db:
        found = db.get(User, user)
        if found is None:
            raise RefusedError(404, f"there is no account {user}")
        if found.id == admin.id:
            raise RefusedError(422, "you cannot lock yourself out")
        found.is_active = given.is_active
    return _account(found)


def _account(user: User) -> dict[str, Any]:
    return {
        "id": user.id, "email": user.email,
        "is_active": user.is_active, "is_admin": user.is_admin,
    }  # fmt: skip


def _tokens(
    here: Store, user: User, session: str, request: Request, response: Response
) -> dict[str, Any]:
    response.set_cookie(
        COOKIE, session, max_age=here.settings.refresh_days * 86_400, path=routes.prefix,
        httponly=True, samesite="strict", secure=request.url.scheme == "https",
    )  # fmt: skip
    token, life = accounts.access_token(here, user), here.settings.token_minutes * 60
    return {"access_token": token, "token_type": "bearer", "expires_in": life}
