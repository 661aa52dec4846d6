"""Workbooks: cells, changes, undo, history, versions, members, events, files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from starlette.concurrency import run_in_threadpool

from sheetgpt import files, workbooks
from sheetgpt.errors import RefusedError
from sheetgpt.routes.access import Caller, Here
from sheetgpt.sheets.addresses import area
from sheetgpt.sheets.engine import Book
from sheetgpt.sheets.operations import Operation
from sheetgpt.store import Store
from sheetgpt.tables import Change, Member, User, Version, Workbook

routes = APIRouter(prefix="/api/v1/workbooks", tags=["workbooks"])
HEARTBEAT = 15  # seconds: CloudFront ends a response that is silent for 60
SHOWN = 20_000  # cells of one answer
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Named(BaseModel):
    """A name."""

    name: Name


class Changes(BaseModel):
    """Operations, and the last change that the caller has seen."""

    operations: Annotated[list[Operation], Field(min_length=1, max_length=100)]
    base: int | None = None
    why: Annotated[str, Field(max_length=500)] = ""


class Presence(BaseModel):
    """Where somebody is."""

    sheet: Name
    cell: Annotated[str, Field(pattern=r"^[A-Z]{1,3}\d{1,7}$")]


class Invitation(BaseModel):
    """Who is let in."""

    email: Name
    may_edit: bool = True


@routes.get("")
def listing(here: Here, user: Caller) -> list[dict[str, Any]]:
    """Return the workbooks that the caller may see, the last changed first."""
    with here.transaction() as db:
        rows = select(Workbook).where(workbooks.visible(user))
        rows = rows.order_by(Workbook.updated_at.desc())
        return [_summary(row, user) for row in db.scalars(rows)]


@routes.post("", status_code=201)
def create(here: Here, user: Caller, given: Named) -> dict[str, Any]:
    """Create an empty workbook."""
    return _summary(workbooks.create(here, user, given.name), user)


@routes.post("/import", status_code=201)
async def upload(here: Here, user: Caller, file: UploadFile) -> dict[str, Any]:
    """Create a workbook from an xlsx or csv file."""
    data = await file.read(here.settings.largest_upload + 1)
    if len(data) > here.settings.largest_upload:
        raise RefusedError(413, f"a file has at most {here.settings.largest_upload >> 20} MB")
    name = file.filename or "file.csv"

    def work() -> dict[str, Any]:
        book = files.imported(name, data)
        made = workbooks.create(here, user, name.rpartition(".")[0] or name, book)
        return _summary(made, user)

    return await run_in_threadpool(work)


@routes.get("/{workbook}")
def show(here: Here, user: Caller, workbook: int) -> dict[str, Any]:
    """Return a workbook: its sheets, their extents, its last change, who is let in."""
    with here.transaction() as db:
        found = workbooks.find(db, user, workbook)
        rows = select(User.id, User.email, Member.may_edit).join(Member, Member.user_id == User.id)
        members = [row._asdict() for row in db.execute(rows.where(Member.workbook_id == workbook))]

    def look(book: Book, seq: int) -> dict[str, Any]:
        sheets = [
            {"name": name, "rows": extent[0], "columns": extent[1]}
            for name in book.sheets() for extent in [book.extent(name)]
        ]  # fmt: skip
        return {"seq": seq, "sheets": sheets}

    return _summary(found, user) | {"members": members} | workbooks.read(here, user, workbook, look)


@routes.patch("/{workbook}")
def rename(here: Here, user: Caller, workbook: int, given: Named) -> dict[str, Any]:
    """Rename a workbook."""
    with here.transaction() as db:
        found = workbooks.find(db, user, workbook, edit=True)
        found.name = given.name
    return _summary(found, user)


@routes.delete("/{workbook}", status_code=204)
def remove(here: Here, user: Caller, workbook: int) -> None:
    """Delete a workbook, its history with it; only its owner may."""
    with here.transaction() as db:
        _owned(workbooks.find(db, user, workbook), user)
        db.execute(delete(Workbook).where(Workbook.id == workbook))


@routes.get("/{workbook}/cells")
def cells(
    here: Here, user: Caller, workbook: int, sheet: str,
    found: Annotated[str, Query(alias="range")] = "A1:Z100",
) -> dict[str, Any]:  # fmt: skip
    """Return the cells of a range that are not empty, as they show and as they were typed."""
    wanted = area(found)
    if wanted.size > SHOWN:
        raise RefusedError(422, f"a range has at most {SHOWN:,} cells here")

    def look(book: Book, seq: int) -> dict[str, Any]:
        rows = [
            {"row": wanted.top + y, "column": wanted.left + x} | _lean(asdict(cell))
            for y, row in enumerate(book.shown(sheet, wanted))
            for x, cell in enumerate(row)
            if cell.kind != "empty" or cell.fill
        ]
        bottom, right = book.extent(sheet)
        return {"seq": seq, "rows": bottom, "columns": right, "cells": rows}

    return workbooks.read(here, user, workbook, look)


@routes.post("/{workbook}/changes", status_code=201)
def change(here: Here, user: Caller, workbook: int, given: Changes) -> dict[str, Any]:
    """Change a workbook; all operations or none."""
    return _receipt(workbooks.change(
        here, user, workbook, given.operations, base=given.base, why=given.why
    ))  # fmt: skip


@routes.post("/{workbook}/undo", status_code=201)
def undo(here: Here, user: Caller, workbook: int) -> dict[str, Any]:
    """Undo the caller's last change."""
    return _receipt(workbooks.undo(here, user, workbook))


@routes.post("/{workbook}/redo", status_code=201)
def redo(here: Here, user: Caller, workbook: int) -> dict[str, Any]:
    """Do again what the caller undid last."""
    return _receipt(workbooks.redo(here, user, workbook))


@routes.get("/{workbook}/history")
def history(
    here: Here, user: Caller, workbook: int, before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the changes, the last first: who, when, why, what."""
    with here.transaction() as db:
        workbooks.find(db, user, workbook)
        rows = workbooks.history(db, workbook, before=before, limit=limit)
    return [
        _receipt(found) | {"by": email, "at": found.at, "operations": found.operations}
        for found, email in rows
    ]


@routes.get("/{workbook}/versions")
def versions(here: Here, user: Caller, workbook: int) -> list[dict[str, Any]]:
    """Return the named states."""
    with here.transaction() as db:
        workbooks.find(db, user, workbook)
        rows = db.scalars(
            select(Version).where(Version.workbook_id == workbook).order_by(Version.id)
        )
        return [_version(row) for row in rows]


@routes.post("/{workbook}/versions", status_code=201)
def keep(here: Here, user: Caller, workbook: int, given: Named) -> dict[str, Any]:
    """Name the present state."""
    return _version(workbooks.name_version(here, user, workbook, given.name))


@routes.get("/{workbook}/versions/{version}.xlsx")
def version_file(here: Here, user: Caller, workbook: int, version: int) -> Response:
    """Return a named state as an xlsx file."""
    with here.transaction() as db:
        workbooks.find(db, user, workbook)
        found = db.get(Version, version)
        if found is None or found.workbook_id != workbook:
            raise RefusedError(404, f"there is no version {version}")
        return _attachment(found.xlsx, XLSX, f"{found.name}.xlsx")


@routes.put("/{workbook}/members", status_code=204)
def invite(here: Here, user: Caller, workbook: int, given: Invitation) -> None:
    """Let somebody with an account in; only the owner may."""
    with here.transaction() as db:
        _owned(workbooks.find(db, user, workbook), user)
        guest = db.scalar(select(User).where(User.email == given.email.lower()))
        if guest is None or guest.id == user.id:
            raise RefusedError(404, f"there is no other account {given.email}")
        row = {"workbook_id": workbook, "user_id": guest.id, "may_edit": given.may_edit}
        db.execute(insert(Member).values(row).on_conflict_do_update(
            index_elements=["workbook_id", "user_id"], set_={"may_edit": given.may_edit}
        ))  # fmt: skip


@routes.delete("/{workbook}/members/{member}", status_code=204)
def dismiss(here: Here, user: Caller, workbook: int, member: int) -> None:
    """Let somebody in no longer."""
    with here.transaction() as db:
        _owned(workbooks.find(db, user, workbook), user)
        here_ = (Member.workbook_id == workbook, Member.user_id == member)
        db.execute(delete(Member).where(*here_))


@routes.put("/{workbook}/presence", status_code=204)
def present(here: Here, user: Caller, workbook: int, given: Presence) -> None:
    """Say where the caller is; those who watch see it."""
    with here.transaction() as db:
        workbooks.find(db, user, workbook)
        place = {"sheet": given.sheet, "cell": given.cell}
        workbooks.tell(db, workbook, {"present": user.email} | place)


@routes.get("/{workbook}/events")
async def events(here: Here, user: Caller, workbook: int) -> StreamingResponse:
    """Return what happens to a workbook as it happens (text/event-stream).

    ``{"seq", "by"}`` for a change, ``{"present", "sheet", "cell"}`` for somebody's place, and
    ``{"missed": true}`` where a watcher has to read all anew.
    """

    def seen() -> int:
        with here.transaction() as db:
            return workbooks.find(db, user, workbook).seq

    return StreamingResponse(
        _stream(here, workbook, await run_in_threadpool(seen)),
        media_type="text/event-stream", headers={"cache-control": "no-store"},
    )  # fmt: skip


async def _stream(here: Store, workbook: int, seq: int) -> AsyncIterator[str]:
    with here.watchers.watching(workbook) as watcher:
        yield f"data: {json.dumps({'seq': seq})}\n\n"
        while True:
            event = await watcher.next(HEARTBEAT)
            if event and event.get("end"):
                return
            yield f"data: {json.dumps(event)}\n\n" if event else ": heartbeat\n\n"
            await asyncio.sleep(0)


@routes.get("/{workbook}/file.xlsx")
def xlsx(here: Here, user: Caller, workbook: int) -> Response:
    """Return the workbook as an xlsx file: values, formulas, formats."""
    with here.transaction() as db:
        name = workbooks.find(db, user, workbook).name
    data = workbooks.read(here, user, workbook, lambda book, _: book.xlsx())
    return _attachment(data, XLSX, f"{name}.xlsx")


@routes.get("/{workbook}/file.csv")
def csv(here: Here, user: Caller, workbook: int, sheet: str) -> Response:
    """Return a sheet as a csv file."""
    text = workbooks.read(here, user, workbook, lambda book, _: files.csv_of(book, sheet))
    return _attachment(text.encode(), "text/csv; charset=utf-8", f"{sheet}.csv")


def _attachment(data: bytes, kind: str, name: str) -> Response:
    header = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=kind, headers={"content-disposition": header})


def _owned(found: Workbook, user: User) -> None:
    if found.owner_id != user.id:
        raise RefusedError(403, "only the owner of a workbook may do this")


def _summary(found: Workbook, user: User) -> dict[str, Any]:
    return {
        "id": found.id, "name": found.name, "seq": found.seq, "owned": found.owner_id == user.id,
        "updated_at": found.updated_at,
    }  # fmt: skip


def _receipt(found: Change) -> dict[str, Any]:
    return {
        "seq": found.seq, "kind": found.kind, "why": found.why,
        "undoes": found.undoes, "undone_by": found.undone_by,
    }  # fmt: skip


def _version(found: Version) -> dict[str, Any]:
    return {"id": found.id, "name": found.name, "seq": found.seq, "at": found.at}


def _lean(cell: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not set, and what was typed where it is what shows."""
    if cell["input"] == cell["value"]:
        del cell["input"]
    return {name: value for name, value in cell.items() if value not in (None, False)}
