"""Users, passwords and tokens. A token lives 1000 calls or 10 hours, whichever ends first."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from datetime import timedelta
from functools import cache

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry import guesses
from registry.errors import RefusedError
from registry.store import Registry
from registry.tables import PERMISSIONS, Token, User

# scrypt with these takes 16 MiB and about 50 ms (RFC 7914 and OWASP's cheat sheet for passwords);
# two at once keep 200 logins from taking all of a task's memory.
COST = {"n": 2**14, "r": 8, "p": 5}
_hashing = threading.BoundedSemaphore(2)


def hashed(password: str, salt: bytes | None = None) -> str:
    """Return a password's hash with its salt."""
    salt = salt or secrets.token_bytes(16)
    with _hashing:
        found = hashlib.scrypt(password.encode(), salt=salt, maxmem=64 << 20, **COST)
    return f"{salt.hex()}:{found.hex()}"


def matches(password: str, stored: str) -> bool:
    """Say whether a password is the one that was hashed."""
    salt = bytes.fromhex(stored.partition(":")[0])
    return hmac.compare_digest(hashed(password, salt), stored)


@cache
def _nobody() -> str:
    """A hash that no password has: an unknown name takes as long as a wrong password."""
    return hashed(secrets.token_hex(32))


def log_in(registry: Registry, name: str, password: str, address: str = "") -> tuple[str, int]:
    """Return a new token and its calls; raises RefusedError 401, or 429 after too many wrong."""
    guesses.refuse(name, address)
    with registry.transaction() as db:
        user = db.scalar(select(User).where(User.name == name))
    if not matches(password, user.password_hash if user else _nobody()) or user is None:
        guesses.count(name, address)
        raise RefusedError(401, "the user or password is invalid")
    token, calls = secrets.token_urlsafe(32), registry.settings.token_calls
    with registry.transaction() as db:
        life = timedelta(hours=registry.settings.token_hours)
        db.execute(
            insert(Token).values(
                hash=digest(token),
                user_id=user.id,
                calls_left=calls,
                expires_at=func.now() + life,
            )
        )
    return token, calls


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def caller(registry: Registry, given: str | None) -> User:
    """Take one call off a token and return its user; raises RefusedError 403.

    One statement, so that two calls at once cannot both be the last. Its commit waits for no disk
    (synchronous_commit off for this transaction): calls of one token stand in line for its row, and
    a crash of the database gives at most the last half second of calls back.
    """
    token = (given or "").strip().strip('"')
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    with registry.transaction() as db:
        row = db.execute(
            update(Token)
            .where(Token.hash == digest(token), Token.calls_left > 0, Token.user_id == User.id)
            .where(Token.expires_at > func.now())
            .values(calls_left=Token.calls_left - 1)
            .returning(
                User.id,
                User.name,
                User.permissions,
                func.set_config("synchronous_commit", "off", text("true")),
            )
        ).first()
    if row is None:
        raise RefusedError(403, "the token is missing, unknown, used up or too old")
    return User(id=row.id, name=row.name, permissions=row.permissions)


def log_out(registry: Registry, token: str) -> None:
    """Forget a token."""
    with registry.transaction() as db:
        db.execute(delete(Token).where(Token.hash == digest(token)))


def ensure_admin(registry: Registry) -> None:
    """Make the default admin, with the password of the secret; raises nothing where it stands."""
    name = registry.settings.admin_name
    password = registry.settings.admin_password.reveal()
    with registry.transaction() as db:
        db.execute(text("SELECT pg_advisory_xact_lock(30862)"))
        user = db.scalar(select(User).where(User.name == name))
        if user is None:
            add_user(db, name, password, PERMISSIONS)
        elif not matches(password, user.password_hash):  # the secret was rotated
            user.password_hash = hashed(password)
            db.execute(delete(Token).where(Token.user_id == user.id))


def add_user(db: Session, name: str, password: str, permissions: tuple[str, ...]) -> None:
    """Add a user; raises RefusedError 409 where the name is taken."""
    added = db.scalar(
        insert(User)
        .values(name=name, password_hash=hashed(password), permissions=list(permissions))
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(User.id)
    )
    if added is None:
        raise RefusedError(409, "there is a user of this name")
