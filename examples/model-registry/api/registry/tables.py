"""The tables; migrations/ makes them, this maps them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, String, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PERMISSIONS = ("upload", "search", "download", "admin")
TYPES = ("model", "dataset", "code")
Moment = DateTime(timezone=True)


class Base(DeclarativeBase):
    """Every table."""


class User(Base):
    """Who may do what."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String, unique=True)
    password_hash: Mapped[str]
    permissions: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())

    @property
    def is_admin(self) -> bool:
        """Say whether this user may do everything."""
        return "admin" in self.permissions

    def may(self, permission: str) -> bool:
        """Say whether this user has a permission."""
        return self.is_admin or permission in self.permissions


class Token(Base):
    """A login; only a hash of it is kept."""

    __tablename__ = "tokens"
    hash: Mapped[str] = mapped_column(String, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    calls_left: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Object(Base):
    """An object of the bucket: its row is there before it is, and goes after it.

    ``writing`` until its bytes are there, then ``uploaded`` (nobody's yet) or ``kept`` (an
    artifact's), at last ``garbage``. What is ``writing`` or ``uploaded`` and past ``until`` is
    garbage too.
    """

    __tablename__ = "objects"
    key: Mapped[str] = mapped_column(String, primary_key=True)
    state: Mapped[str]
    until: Mapped[datetime | None] = mapped_column(Moment)
    filename: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String, default="")


class Artifact(Base):
    """A registered model, dataset or code."""

    __tablename__ = "artifacts"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, server_default=func.nextval("artifact_numbers"))
    type: Mapped[str]
    name: Mapped[str]
    url: Mapped[str]
    # The same artifact at the same source, however its address is written: it is registered once.
    origin: Mapped[str]
    # What lineage finds it by: ``owner/name`` at its source, lower case.
    reference: Mapped[str]
    state: Mapped[str]  # ready, or pending: the worker still copies it
    object_key: Mapped[str | None] = mapped_column(ForeignKey("objects.key"))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    # Up to 200 kB, for searches in the database: read with nothing else.
    readme: Mapped[str] = mapped_column(String, default="", deferred=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class Lineage(Base):
    """What an artifact says it was made from."""

    __tablename__ = "lineage"
    child: Mapped[str] = mapped_column(
        ForeignKey("artifacts.id", ondelete="CASCADE"), primary_key=True
    )
    type: Mapped[str] = mapped_column(String, primary_key=True)
    reference: Mapped[str] = mapped_column(String, primary_key=True)
    relationship: Mapped[str]
    source: Mapped[str]


class Audit(Base):
    """One thing that somebody did; rows are only ever added."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, server_default=func.clock_timestamp())
    user_name: Mapped[str]
    user_is_admin: Mapped[bool]
    artifact_id: Mapped[str | None]
    artifact_name: Mapped[str]
    artifact_type: Mapped[str]
    action: Mapped[str]
    request_id: Mapped[str]


class Activity(Base):
    """One minute of one task, as the health pages add it up."""

    __tablename__ = "activity"
    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    task: Mapped[str] = mapped_column(String, primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
