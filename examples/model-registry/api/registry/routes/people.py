"""Logins, users, reset, tracks, component health."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import select

from registry import activity, artifacts, objects, sessions
from registry.errors import RefusedError
from registry.routes.access import Admin, Caller, Here, address_of
from registry.routes.shapes import Login, Name, NewUser, Permissions, SmokeLogin
from registry.tables import User

routes = APIRouter()


@routes.put("/authenticate", tags=["users"])
def authenticate(request: Request, here: Here, body: Login) -> str:
    """Log in; the answer goes into the header X-Authorization of other calls."""
    name, password = body.user.name, body.secret.password
    return f"bearer {sessions.log_in(here, name, password, address_of(request))[0]}"


@routes.post("/authenticate", tags=["users"])
def authenticate_short(request: Request, here: Here, body: SmokeLogin) -> dict[str, Any]:
    """Log in, as the deployment guide's smoke test does."""
    token, calls = sessions.log_in(here, body.username, body.password, address_of(request))
    return {"token": f"bearer {token}", "calls_remaining": calls}


@routes.post("/user/register", status_code=201, tags=["users"])
def register(here: Here, user: Admin, body: NewUser) -> dict[str, Any]:
    """Add a user; for admins."""
    with here.transaction() as db:
        sessions.add_user(db, body.username, body.password, tuple(body.permissions))
        artifacts.record(db, user, None, "USER", f"add {body.username}")
    return {"name": body.username, "permissions": body.permissions}


@routes.put("/user/{name}/permissions", tags=["users"])
def permissions(here: Here, user: Admin, name: Name, body: Permissions) -> dict[str, Any]:
    """Change what a user may do; for admins. The default admin stays one."""
    with here.transaction() as db:
        found = _user(here, db, name)
        found.permissions = list(body.permissions)
        artifacts.record(db, user, None, "USER", f"change {name}")
    return {"name": name, "permissions": body.permissions}


@routes.delete("/user/{name}", tags=["users"])
def forget(here: Here, user: Caller, name: Name) -> dict[str, str]:
    """Delete a user: oneself, or, for admins, anybody but the default admin."""
    if not user.is_admin and user.name != name:
        raise RefusedError(403, "this needs the permission admin")
    with here.transaction() as db:
        db.delete(_user(here, db, name))
        artifacts.record(db, user, None, "USER", f"delete {name}")
    return {"detail": "the user is deleted"}


def _user(here: Here, db: Any, name: str) -> User:
    if name == here.settings.admin_name:
        raise RefusedError(403, "the default admin stays as it is")
    found = db.scalar(select(User).where(User.name == name).with_for_update())
    if found is None:
        raise RefusedError(404, "there is no such user")
    return found  # type: ignore[no-any-return]


@routes.delete("/reset", tags=["registry"])
def reset(here: Here, user: Caller) -> dict[str, str]:
    """Return to the beginning: no artifacts, the default admin alone; for admins."""
    if not user.is_admin:
        raise RefusedError(401, "only an admin may reset the registry")
    with here.transaction() as db:
        artifacts.reset(db, user, here.settings.admin_name)
    objects.purge(here)
    sessions.ensure_admin(here)
    return {"detail": "the registry is reset"}


@routes.get("/tracks", tags=["registry"])
def tracks() -> dict[str, list[str]]:
    """Say which tracks of the course this follows."""
    return {"plannedTracks": ["Access control track"]}


@routes.get("/health/components", tags=["health"])
def components(
    here: Here,
    window_minutes: Annotated[int, Query(alias="windowMinutes", ge=5, le=1440)] = 60,
    include_timeline: Annotated[bool, Query(alias="includeTimeline")] = False,
) -> dict[str, Any]:
    """Say how each part has been, over all tasks."""
    return activity.components(here, window_minutes, timeline=include_timeline)
