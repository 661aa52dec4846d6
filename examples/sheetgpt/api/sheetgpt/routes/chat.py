"""Conversations, answers as they come, and what becomes of proposals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import delete, func, select
from starlette.concurrency import run_in_threadpool

from sheetgpt import conversations
from sheetgpt.routes.access import Caller, Here
from sheetgpt.tables import Conversation, Message

routes = APIRouter(prefix="/api/v1/chat", tags=["chat"])
HEARTBEAT = 15  # seconds: CloudFront ends a response that is silent for 60
COMPLETE = "__STREAM_COMPLETE__"


class NewConversation(BaseModel):
    """What a conversation is called."""

    title: Annotated[str, Field(min_length=1, max_length=200)] = "New conversation"
    description: Annotated[str, Field(max_length=2000)] | None = None
    tags: Annotated[list[str], Field(max_length=20)] = []


class Patch(BaseModel):
    """What to change of a conversation; what is absent stays."""

    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    description: Annotated[str, Field(max_length=2000)] | None = None
    tags: Annotated[list[str], Field(max_length=20)] | None = None


class Question(BaseModel):
    """What somebody says, and the workbook that lies beside the chat."""

    content: Annotated[str, Field(min_length=1, max_length=20_000)]
    workbook_id: int | None = None
    structured_format: dict[str, Any] | None = None
    selected_llm: str | None = None


class Decision(BaseModel):
    """Which parts of a proposal are accepted or declined, by their places from 0."""

    accept: list[int] = []
    decline: list[int] = []


@routes.get("/conversations")
def listing(
    here: Here, user: Caller, skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Return the caller's conversations, the last one first."""
    mine = Conversation.user_id == user.id
    with here.transaction() as db:
        total = db.scalar(select(func.count()).select_from(Conversation).where(mine))
        rows = select(Conversation).where(mine).order_by(Conversation.updated_at.desc())
        items = [_shape(row, []) for row in db.scalars(rows.offset(skip).limit(limit))]
    return {"items": items, "total": total, "skip": skip, "limit": limit}


@routes.post("/conversations", status_code=201)
def create(here: Here, user: Caller, given: NewConversation) -> dict[str, Any]:
    """Begin a conversation."""
    made = Conversation(user_id=user.id, meta_data={}, **given.model_dump())
    with here.transaction() as db:
        db.add(made)
    return show(here, user, made.id)


@routes.get("/conversations/{conversation}")
def show(here: Here, user: Caller, conversation: int) -> dict[str, Any]:
    """Return a conversation and what was said."""
    with here.transaction() as db:
        found = conversations.find(db, user, conversation)
        return _shape(found, conversations.messages(db, conversation))


@routes.patch("/conversations/{conversation}")
def change(here: Here, user: Caller, conversation: int, given: Patch) -> dict[str, Any]:
    """Rename a conversation, describe it, tag it."""
    with here.transaction() as db:
        found = conversations.find(db, user, conversation)
        for name, value in given.model_dump(exclude_unset=True).items():
            setattr(found, name, value)
    return show(here, user, conversation)


@routes.delete("/conversations/{conversation}", status_code=204)
def remove(here: Here, user: Caller, conversation: int) -> None:
    """Delete a conversation."""
    with here.transaction() as db:
        conversations.find(db, user, conversation)
        db.execute(delete(Conversation).where(Conversation.id == conversation))


@routes.post("/conversations/{conversation}/messages")
async def say(here: Here, user: Caller, conversation: int, given: Question) -> StreamingResponse:
    """Ask; the answer comes as it is made (text/event-stream).

    ``{"text"}`` pieces, ``{"message_id", "proposals"}``, ``{"data_id"}`` for a table, ``{"error"}``
    or ``{"warning"}`` in words, at last ``__STREAM_COMPLETE__``.
    """
    events = await run_in_threadpool(
        conversations.answer, here, user, conversation, given.content, given.workbook_id
    )
    return StreamingResponse(
        _stream(events), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


@routes.post("/messages/{message}/decision")
def decide(here: Here, user: Caller, message: int, given: Decision) -> dict[str, Any]:
    """Accept or decline parts of a proposal."""
    return conversations.decide(here, user, message, given.accept, given.decline)


async def _stream(events: Iterator[dict[str, Any]]) -> AsyncIterator[str]:
    """Write events as they come; one thread makes them, and goes on when nobody reads any more.

    What was answered is written down either way.
    """
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

    def make() -> None:
        try:
            for event in events:
                loop.call_soon_threadsafe(queue.put_nowait, event)
        finally:
            loop.call_soon_threadsafe(queue.put_nowait, None)

    making = loop.run_in_executor(None, make)
    while True:
        try:
            event = await asyncio.wait_for(queue.get(), HEARTBEAT)
        except TimeoutError:
            yield ": heartbeat\n\n"
            continue
        if event is None:
            break
        yield f"data: {json.dumps(event)}\n\n"
    try:
        await making
    finally:
        yield f"data: {COMPLETE}\n\n"


def _shape(found: Conversation, said: list[Message]) -> dict[str, Any]:
    return {
        "id": found.id, "title": found.title, "description": found.description,
        "user_id": found.user_id, "created_at": found.created_at, "updated_at": found.updated_at,
        "tags": found.tags, "meta_data": found.meta_data,
        "messages": [
            {
                "id": row.id, "role": row.role, "content": row.content,
                "meta_data": row.meta_data, "created_at": row.created_at,
            }
            for row in said
        ],
    }  # fmt: skip
