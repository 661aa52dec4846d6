"""Structured data: tables, each the first sheet of a workbook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from sheetgpt import files, tabular, workbooks
from sheetgpt.errors import RefusedError
from sheetgpt.routes.access import Caller, Here
from sheetgpt.sheets.operations import Operation
from sheetgpt.store import Store
from sheetgpt.tables import User, Workbook
from sheetgpt.tabular import Table

routes = APIRouter(prefix="/api/v1", tags=["data"])
Value = str | float | bool | None
Row = dict[str, Value]


class Content(BaseModel):
    """A table: rows as lists or as maps by column."""

    headers: Annotated[list[str], Field(min_length=1)]
    rows: list[list[Value] | Row] = []


class NewData(BaseModel):
    """A table to keep."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = "Data"
    conversation_id: int | None = None
    data: Content


class CellValue(BaseModel):
    """A cell's new value; a string is what somebody typed, a formula too."""

    column_name: str
    row_index: int
    value: Value


class Column(BaseModel):
    """A column; with a formula it is computed, ``{row}`` being each row's number."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    formula: Annotated[str, Field(max_length=2000)] | None = None


class ToExport(BaseModel):
    """What to export."""

    data_id: int


@routes.get("/data")
def listing(
    here: Here, user: Caller, skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Return the tables that the caller may see, without their rows."""
    with here.transaction() as db:
        mine = workbooks.visible(user)
        total = db.scalar(select(func.count()).select_from(Workbook).where(mine))
        rows = db.scalars(
            select(Workbook).where(mine).order_by(Workbook.id.desc()).offset(skip).limit(limit)
        )
        items = [{"id": row.id, "name": row.name, "updated_at": row.updated_at} for row in rows]
    return {"items": items, "total": total, "skip": skip, "limit": limit}


@routes.post("/data", status_code=201)
def create(here: Here, user: Caller, given: NewData) -> dict[str, Any]:
    """Keep a table; it is a workbook then."""
    book = tabular.book_of(tabular.lines(given.data.headers, given.data.rows))
    made = workbooks.create(here, user, given.name, book, conversation_id=given.conversation_id)
    return show(here, user, made.id)


@routes.get("/data/by-message/{message}")
def by_message(here: Here, user: Caller, message: int) -> dict[str, Any]:
    """Return the table that an answer of the chat brought."""
    with here.transaction() as db:
        rows = select(Workbook.id).where(Workbook.message_id == message, workbooks.visible(user))
        found = db.scalar(rows)
    if found is None:
        raise RefusedError(404, f"the message {message} brought no table")
    return show(here, user, found)


@routes.get("/data/{data}")
def show(here: Here, user: Caller, data: int) -> dict[str, Any]:
    """Return a table with its columns and rows."""
    with here.transaction() as db:
        found = workbooks.find(db, user, data)
    seq, shown = workbooks.read(here, user, data, lambda book, seq: (seq, tabular.table(book)))
    return {
        "id": found.id, "name": found.name, "conversation_id": found.conversation_id,
        "data_type": "table", "schema_version": "1.0", "seq": seq, "meta_data": {},
        "data": {"headers": shown.headers, "rows": shown.rows}, "columns": shown.columns,
    }  # fmt: skip


@routes.put("/data/{data}")
def replace(here: Here, user: Caller, data: int, given: Content) -> dict[str, Any]:
    """Replace a table; one change, which can be undone."""
    lines = tabular.lines(given.headers, given.rows)

    def change(found: Table) -> list[Operation]:
        return [*tabular.cleared(found), *tabular.written(found.sheet, lines)]

    return _change(here, user, data, change, "replace the table")


@routes.delete("/data/{data}", status_code=204)
def remove(here: Here, user: Caller, data: int) -> None:
    """Delete a table and its history."""
    with here.transaction() as db:
        found = workbooks.find(db, user, data)
        if found.owner_id != user.id:
            raise RefusedError(403, "only the owner of a table may delete it")
        db.delete(found)


@routes.put("/data/{data}/cells")
def set_cell(here: Here, user: Caller, data: int, given: CellValue) -> dict[str, Any]:
    """Change a cell."""
    name, row, value = given.column_name, given.row_index, given.value
    return _change(here, user, data, lambda table: [tabular.set_cell(table, name, row, value)])


@routes.get("/data/{data}/rows")
def rows(
    here: Here, user: Caller, data: int, skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:  # fmt: skip
    """Return some rows."""
    found = workbooks.read(here, user, data, lambda book, _: tabular.table(book))
    shown = found.rows[skip : skip + limit]
    return {"items": shown, "total": len(found.rows), "skip": skip, "limit": limit}


@routes.post("/data/{data}/rows", status_code=201)
def add_row(here: Here, user: Caller, data: int, given: Row) -> dict[str, Any]:
    """Add a row at the end."""
    return _change(here, user, data, lambda table: [tabular.add_row(table, given)])


@routes.put("/data/{data}/rows/{row}")
def set_row(here: Here, user: Caller, data: int, row: int, given: Row) -> dict[str, Any]:
    """Change a row."""
    return _change(here, user, data, lambda table: [tabular.set_row(table, row, given)])


@routes.delete("/data/{data}/rows/{row}")
def delete_row(here: Here, user: Caller, data: int, row: int) -> dict[str, Any]:
    """Delete a row."""
    return _change(here, user, data, lambda table: [tabular.delete_row(table, row)])


@routes.get("/data/{data}/columns")
def columns(here: Here, user: Caller, data: int) -> list[dict[str, Any]]:
    """Return the columns."""
    return workbooks.read(here, user, data, lambda book, _: tabular.table(book)).columns


@routes.post("/data/{data}/columns", status_code=201)
def add_column(here: Here, user: Caller, data: int, given: Column) -> dict[str, Any]:
    """Add a column."""
    name, formula = given.name, given.formula
    return _change(here, user, data, lambda table: tabular.add_column(table, name, formula))


@routes.put("/data/{data}/columns/{name}")
def set_column(here: Here, user: Caller, data: int, name: str, given: Column) -> dict[str, Any]:
    """Rename a column, compute it."""
    new, formula = given.name, given.formula
    return _change(here, user, data, lambda table: tabular.change_column(table, name, new, formula))


@routes.delete("/data/{data}/columns/{name}")
def delete_column(here: Here, user: Caller, data: int, name: str) -> dict[str, Any]:
    """Delete a column."""
    return _change(here, user, data, lambda table: [tabular.delete_column(table, name)])


@routes.get("/data/{data}/history")
def history(here: Here, user: Caller, data: int) -> list[dict[str, Any]]:
    """Return the changes of a table, the last first."""
    with here.transaction() as db:
        workbooks.find(db, user, data)
        found = workbooks.history(db, data, before=None, limit=200)
    return [
        {"seq": row.seq, "change_type": row.kind, "why": row.why, "by": email, "at": row.at}
        for row, email in found
    ]


@routes.get("/export/preview/{data}")
def preview(here: Here, user: Caller, data: int) -> dict[str, Any]:
    """Return a table's columns and first rows."""
    headers, sample = workbooks.read(
        here, user, data, lambda book, _: files.preview(book, book.sheets()[0])
    )
    return {"columns": headers, "sampleData": sample}


@routes.post("/export/csv")
def export_csv(here: Here, user: Caller, given: ToExport) -> PlainTextResponse:
    """Return a table as csv."""
    text = workbooks.read(
        here, user, given.data_id, lambda book, _: files.csv_of(book, book.sheets()[0])
    )
    return PlainTextResponse(text, media_type="text/csv")


@routes.post("/export/sheets")
def export_sheets(_: Caller) -> None:
    """Google Sheets is not connected: this deployment has no credentials for it."""
    raise RefusedError(501, "Google Sheets is not connected; export xlsx or csv")


def _change(
    here: Store, user: User, data: int, make: Callable[[Table], list[Operation]], why: str = ""
) -> dict[str, Any]:
    """Change a table as it was when the caller's names and indexes were looked up."""
    seq, found = workbooks.read(here, user, data, lambda book, seq: (seq, tabular.table(book)))
    workbooks.change(here, user, data, make(found), base=seq, why=why)
    return show(here, user, data)
