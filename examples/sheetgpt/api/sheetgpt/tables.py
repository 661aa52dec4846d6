"""The tables; migrations/ makes them, this maps them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, LargeBinary, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Moment = DateTime(timezone=True)


class Base(DeclarativeBase):
    """Every table."""


def _key() -> Mapped[int]:
    return mapped_column(BigInteger, primary_key=True)


def _of(column: str, **more: Any) -> Mapped[int]:
    return mapped_column(ForeignKey(column, ondelete="CASCADE"), **more)


class User(Base):
    """Somebody with an account."""

    __tablename__ = "users"
    id: Mapped[int] = _key()
    email: Mapped[str] = mapped_column(String, unique=True)
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)  # wrong passwords in a row
    failed_at: Mapped[datetime | None] = mapped_column(Moment)


class RefreshToken(Base):
    """A session; only a hash of its token is stored, and each use makes a new one."""

    __tablename__ = "refresh_tokens"
    hash: Mapped[str] = mapped_column(String, primary_key=True)
    user_id: Mapped[int] = _of("users.id")
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Workbook(Base):
    """A workbook: its last snapshot, and the number of its last change."""

    __tablename__ = "workbooks"
    id: Mapped[int] = _key()
    owner_id: Mapped[int] = _of("users.id")
    name: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="SET NULL")
    )
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    snapshot_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    snapshot: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # an xlsx file
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class Member(Base):
    """Somebody whom the owner lets into a workbook."""

    __tablename__ = "members"
    workbook_id: Mapped[int] = _of("workbooks.id", primary_key=True)
    user_id: Mapped[int] = _of("users.id", primary_key=True)
    may_edit: Mapped[bool] = mapped_column(default=True)


class Change(Base):
    """One change of a workbook; rows are only ever added, and ``undone_by`` filled in."""

    __tablename__ = "changes"
    workbook_id: Mapped[int] = _of("workbooks.id", primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = _of("users.id")
    at: Mapped[datetime] = mapped_column(Moment, server_default=func.clock_timestamp())
    kind: Mapped[str] = mapped_column(default="change")  # change, undo, redo
    why: Mapped[str]
    operations: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    undo: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, deferred=True)
    undoes: Mapped[int | None] = mapped_column(BigInteger)
    undone_by: Mapped[int | None] = mapped_column(BigInteger)


class Version(Base):
    """A state of a workbook that somebody named."""

    __tablename__ = "versions"
    id: Mapped[int] = _key()
    workbook_id: Mapped[int] = _of("workbooks.id")
    seq: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    xlsx: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Conversation(Base):
    """A saved conversation."""

    __tablename__ = "conversations"
    id: Mapped[int] = _key()
    user_id: Mapped[int] = _of("users.id")
    title: Mapped[str]
    description: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(JSONB, default=list)
    meta_data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class Message(Base):
    """A message of a conversation; an answer's ``meta_data`` has its proposals and their fate."""

    __tablename__ = "messages"
    id: Mapped[int] = _key()
    conversation_id: Mapped[int] = _of("conversations.id")
    role: Mapped[str]  # user or assistant
    content: Mapped[str]
    meta_data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=func.clock_timestamp())
