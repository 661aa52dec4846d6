"""Conversations: what was said, and what an answer proposed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sheetgpt import tabular, workbooks
from sheetgpt.chat import structured, tools
from sheetgpt.chat.model import Answer, Model
from sheetgpt.errors import RefusedError
from sheetgpt.sheets.operations import Operations
from sheetgpt.store import Store
from sheetgpt.tables import Conversation, Message, User

REMEMBERED = 20  # messages of a conversation that the model sees
Event = dict[str, Any]


def find(db: Session, user: User, conversation: int) -> Conversation:
    """Return a conversation of a user; raises RefusedError 404."""
    found = db.get(Conversation, conversation)
    if found is None or found.user_id != user.id:
        raise RefusedError(404, f"there is no conversation {conversation}")
    return found


def messages(db: Session, conversation: int) -> list[Message]:
    """Return what was said, in order."""
    rows = select(Message).where(Message.conversation_id == conversation).order_by(Message.id)
    return list(db.scalars(rows))


def answer(
    store: Store, user: User, conversation: int, content: str, workbook: int | None
) -> Iterator[Event]:
    """Write a question down and yield what comes of it: text, tables, proposals, an error.

    Raises RefusedError before the first event where there is no such conversation or workbook.
    """
    with store.transaction() as db:
        find(db, user, conversation).updated_at = db.scalar(select(func.now()))
        if workbook is not None:
            workbooks.find(db, user, workbook)
        db.add(_message(conversation, "user", content))
        db.flush()
        said = [
            {"role": row.role, "content": [{"text": row.content or "(nothing)"}]}
            for row in messages(db, conversation)
        ]
    return _events(store, user, conversation, _alternating(said[-REMEMBERED:]), workbook)


def _events(
    store: Store, user: User, conversation: int, said: list[dict[str, Any]], workbook: int | None
) -> Iterator[Event]:
    toolbox = tools.Toolbox(store, user, workbook) if workbook is not None else None
    model = Model(store.settings.writer_model, tools.SPECS)
    into, splitter, shown = Answer(), structured.Splitter(), ""
    error: str | None = None
    try:
        for piece in model.answer(tools.SYSTEM, said, _runner(toolbox), into):
            if text := splitter.text(piece):
                shown += text
                yield {"text": text}
        if text := splitter.rest():
            shown += text
            yield {"text": text}
    except RefusedError as refused:
        error = refused.message
        yield {"error": error}
    proposals = toolbox.proposals if toolbox else []
    meta: Event = {"proposals": proposals, "tokens": [into.tokens_in, into.tokens_out]}
    if error:
        meta["error"] = error
    yield from _finished(
        store, user, conversation, shown, splitter.data, meta | {"workbook": workbook}
    )


def _finished(
    store: Store, user: User, conversation: int, text: str, data: str | None, meta: Event
) -> Iterator[Event]:
    with store.transaction() as db:
        made = _message(conversation, "assistant", text)
        made.meta_data = meta
        db.add(made)
    yield {"message_id": made.id, "proposals": meta["proposals"]}
    if data is None:
        return
    found = structured.table(data)
    if found is None:
        yield {"warning": "the answer's table could not be read"}
        return
    book = tabular.book_of(found)
    stored = workbooks.create(
        store, user, "Answer", book, conversation_id=conversation, message_id=made.id
    )
    yield {"data_id": stored.id}


def decide(
    store: Store, user: User, message: int, accepted: list[int], declined: list[int]
) -> dict[str, Any]:
    """Accept or decline parts of an answer's proposal; what is accepted is one change.

    Raises RefusedError: 404, 409 for a part that is decided already.
    """
    with store.transaction() as db:
        found = db.scalars(select(Message).where(Message.id == message).with_for_update()).first()
        if found is None:
            raise RefusedError(404, f"there is no message {message}")
        find(db, user, found.conversation_id)
        parts = [dict(part) for part in found.meta_data.get("proposals", [])]
        for number in (*accepted, *declined):
            if not 0 <= number < len(parts):
                raise RefusedError(404, f"the proposal has no part {number}")
            if parts[number]["state"] != "open":
                raise RefusedError(409, f"part {number} is {parts[number]['state']} already")
            parts[number]["state"] = "accepted" if number in accepted else "declined"
        seq = _carry_out(store, user, found, [parts[number] for number in sorted(set(accepted))])
        found.meta_data = found.meta_data | {"proposals": parts}
    return {"seq": seq, "proposals": parts}


def _carry_out(store: Store, user: User, message: Message, parts: list[Any]) -> int | None:
    if not parts:
        return None
    operations = Operations.validate_python([part["operation"] for part in parts])
    why = f"chat: {parts[0]['why']}"[:500]
    base = min(part["base"] for part in parts)
    workbook: int = message.meta_data["workbook"]
    return workbooks.change(store, user, workbook, operations, base=base, why=why).seq


def _runner(toolbox: tools.Toolbox | None) -> Any:
    def none(name: str, _: dict[str, Any]) -> str:
        raise RefusedError(422, f"{name}: no workbook is open beside this conversation")

    return toolbox.run if toolbox else none


def _message(conversation: int, role: str, content: str) -> Message:
    return Message(conversation_id=conversation, role=role, content=content, meta_data={})


def _alternating(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages as Converse takes them: a person's first, then in turn."""
    turns: list[dict[str, Any]] = []
    for message in said:
        if turns and turns[-1]["role"] == message["role"]:
            turns[-1] = turns[-1] | {"content": turns[-1]["content"] + message["content"]}
        elif turns or message["role"] == "user":
            turns.append(message)
    return turns
