"""Accounts: passwords, access tokens of half an hour, refresh tokens that are used once."""

from __future__ import annotations

import hashlib
import secrets
import threading
from datetime import UTC, datetime, timedelta
from functools import cache

import jwt
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from sheetgpt.errors import RefusedError
from sheetgpt.store import Store
from sheetgpt.tables import RefreshToken, User

# OWASP's cheat sheet for passwords: 19 MiB, two passes; the library's 64 MiB a login, eight at
# once, would be the memory of a small task.
_hashing = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))
_at_once = threading.BoundedSemaphore(2)
WRONG, PAUSE = 5, timedelta(minutes=5)  # so many wrong passwords in a row lock so long
SHORTEST = 10  # characters of a password


def register(store: Store, email: str, password: str) -> User:
    """Add an account; the first one is the admin. Raises RefusedError 409 or 422."""
    if len(password) < SHORTEST:
        raise RefusedError(422, f"a password needs {SHORTEST} characters")
    with store.transaction() as db:
        db.execute(text("SELECT pg_advisory_xact_lock(31416)"))  # two first ones at once
        first = db.scalar(select(func.count()).select_from(User)) == 0
        made = User(
            email=email.lower(), password_hash=_hashed(password), is_active=True,
            is_admin=first, failures=0,
        )  # fmt: skip
        if db.scalar(select(User.id).where(User.email == made.email)):
            raise RefusedError(409, "there is an account with this address")
        db.add(made)
    return made


def log_in(store: Store, email: str, password: str) -> User:
    """Return the user of an address and a password; raises RefusedError 401 or 429."""
    with store.transaction() as db:
        user = db.scalar(select(User).where(User.email == email.lower()))
    if user and user.failures >= WRONG and user.failed_at and _now() - user.failed_at < PAUSE:
        raise RefusedError(429, "too many wrong passwords; wait five minutes")
    right = _matches(password, user.password_hash if user else _nobody())
    with store.transaction() as db:
        found = db.get(User, user.id) if user else None
        if found is not None:
            found.failures = 0 if right else found.failures + 1
            found.failed_at = None if right else _now()
    if user is None or not right or not user.is_active:
        raise RefusedError(401, "the address or the password is wrong")
    return user


def access_token(store: Store, user: User) -> str:
    """Return a token for the API."""
    life = timedelta(minutes=store.settings.token_minutes)
    claims = {"sub": str(user.id), "exp": _now() + life, "use": "access"}
    return jwt.encode(claims, store.settings.session_key.reveal(), algorithm="HS256")


def caller(store: Store, token: str) -> User:
    """Return whose token this is; raises RefusedError 401."""
    try:
        claims = jwt.decode(
            token, store.settings.session_key.reveal(), algorithms=["HS256"],
            options={"require": ["exp", "sub"]},
        )  # fmt: skip
    except jwt.InvalidTokenError:
        raise RefusedError(401, "the token is missing, too old or not ours") from None
    with store.transaction() as db:
        user = db.get(User, int(claims["sub"]))
    if user is None or not user.is_active or claims.get("use") != "access":
        raise RefusedError(401, "the token is missing, too old or not ours")
    return user


def refresh_token(store: Store, user: User) -> str:
    """Return a token for a session; what is stored is its hash."""
    token = secrets.token_urlsafe(32)
    with store.transaction() as db:
        _remember(store, db, user.id, token)
    return token


def refreshed(store: Store, token: str) -> tuple[User, str]:
    """Use a refresh token up; return its user and the next. Raises RefusedError 401."""
    following = secrets.token_urlsafe(32)
    with store.transaction() as db:
        used = db.execute(
            delete(RefreshToken)
            .where(RefreshToken.hash == _digest(token), RefreshToken.expires_at > func.now())
            .returning(RefreshToken.user_id)
        ).scalar()
        user = db.get(User, used) if used else None
        if user is None or not user.is_active:
            raise RefusedError(401, "the session has ended; log in again")
        _remember(store, db, user.id, following)
    return user, following


def log_out(store: Store, token: str) -> None:
    """End a session."""
    with store.transaction() as db:
        db.execute(delete(RefreshToken).where(RefreshToken.hash == _digest(token)))


def _remember(store: Store, db: Session, user: int, token: str) -> None:
    until = _now() + timedelta(days=store.settings.refresh_days)
    row = {"hash": _digest(token), "user_id": user, "expires_at": until}
    db.execute(insert(RefreshToken).values(**row))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hashed(password: str) -> str:
    with _at_once:
        return _hashing.hash(password)


def _matches(password: str, stored: str) -> bool:
    with _at_once:
        return _hashing.verify(password, stored)


@cache
def _nobody() -> str:
    """A hash that no password has: an unknown address takes as long as a wrong password."""
    return _hashed(secrets.token_hex(32))


def _now() -> datetime:
    return datetime.now(UTC)
