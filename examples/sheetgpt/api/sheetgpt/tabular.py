"""A workbook's first sheet as a table: its first row has the columns' names.

The API's `/data` speaks of columns and rows; what it changes are cells of a workbook like any
other's, with the same history and undo.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetgpt.errors import RefusedError
from sheetgpt.sheets.addresses import letters
from sheetgpt.sheets.engine import Book
from sheetgpt.sheets.operations import CELLS, Area, Cell, Lines, Operation, SetCells

WIDEST, LONGEST = 200, 100_000  # columns and rows of a table
KINDS = {"number": "number", "boolean": "boolean", "text": "string", "error": "string"}
_OWN_ROW = re.compile(r"\{row\}")


@dataclass(frozen=True)
class Table:
    """A sheet as a table; ``rows`` has values as they show, by the names of the columns."""

    sheet: str
    headers: list[str]
    rows: list[dict[str, str]]
    columns: list[dict[str, Any]]

    def column(self, name: str) -> int:
        """Return a column's number; raises RefusedError 404."""
        try:
            return self.headers.index(name) + 1
        except ValueError:
            raise RefusedError(404, f"there is no column {name}") from None

    def row(self, index: int) -> int:
        """Return the sheet's row of a row's index, which counts from 0; raises RefusedError 404."""
        if not 0 <= index < len(self.rows):
            raise RefusedError(404, f"there is no row {index}; it has {len(self.rows)}")
        return index + 2


def table(book: Book) -> Table:
    """Return the first sheet as a table."""
    sheet = book.sheets()[0]
    bottom, right = book.extent(sheet)
    right, bottom = min(right, WIDEST), min(bottom, LONGEST + 1)
    if not right:
        return Table(sheet, [], [], [])
    shown = book.shown(sheet, Area(top=1, left=1, bottom=bottom, right=right))
    headers = [cell.value or letters(column) for column, cell in enumerate(shown[0], 1)]
    rows = [dict(zip(headers, (cell.value for cell in row), strict=True)) for row in shown[1:]]
    first = shown[1] if len(shown) > 1 else [None] * right
    columns = [
        {
            "name": name,
            "data_type": KINDS.get(cell.kind, "string") if cell else "string",
            "format": None,
            "formula": cell.input if cell and cell.input.startswith("=") else None,
            "order": order,
            "is_active": True,
        }
        for order, (name, cell) in enumerate(zip(headers, first, strict=True))
    ]
    return Table(sheet, headers, rows, columns)


Grid = list[list[str | float | bool | None]]


def lines(headers: Sequence[str], rows: Sequence[Sequence[Any] | Mapping[str, Any]]) -> Grid:
    """Return a table line by line, its header first; raises RefusedError 422 for no table."""
    if len(headers) > WIDEST or len(rows) > LONGEST:
        raise RefusedError(422, f"a table has at most {WIDEST} columns and {LONGEST:,} rows")
    if len(set(headers)) != len(headers):
        raise RefusedError(422, "two columns have the same name")
    return [list(headers), *([_plain(v) for v in _line(headers, row)] for row in rows)]


def written(sheet: str, found: Grid) -> list[Operation]:
    """Return the operations that write lines from the top; text stays text."""
    return _pieces(sheet, [
        Cell.model_construct(row=y, column=x, text=isinstance(value, str), input=value, style=None)
        for y, line in enumerate(found, 1)
        for x, value in enumerate(line, 1)
        if value is not None
    ])  # fmt: skip


def book_of(found: Grid) -> Book:
    """Return a new workbook with a table."""
    book = Book.new("Data")
    book.apply(written("Data", found))
    return book


def set_cell(found: Table, column: str, row: int, value: Any) -> Operation:
    """Return the operation that changes a cell; a string is what somebody typed."""
    cell = Cell(row=found.row(row), column=found.column(column), input=_plain(value))
    return SetCells(sheet=found.sheet, cells=(cell,))


def add_row(found: Table, values: Mapping[str, Any]) -> Operation:
    """Return the operation that adds a row at the end."""
    cells = tuple(
        Cell(row=len(found.rows) + 2, column=found.column(name), input=_plain(value))
        for name, value in values.items()
    )
    if not cells:
        raise RefusedError(422, "a row needs a value")
    return SetCells(sheet=found.sheet, cells=cells)


def set_row(found: Table, row: int, values: Mapping[str, Any]) -> Operation:
    """Return the operation that changes a row; columns that are not named stay."""
    place = found.row(row)
    cells = tuple(
        Cell(row=place, column=found.column(name), input=_plain(value))
        for name, value in values.items()
    )
    if not cells:
        raise RefusedError(422, "a row needs a value")
    return SetCells(sheet=found.sheet, cells=cells)


def delete_row(found: Table, row: int) -> Operation:
    """Return the operation that deletes a row."""
    return Lines(do="delete_rows", sheet=found.sheet, at=found.row(row))


def add_column(found: Table, name: str, formula: str | None) -> list[Operation]:
    """Return the operations that add a column, computed where it has a formula.

    ``{row}`` in a formula is the number of each row: ``=B{row}*2``.
    """
    if name in found.headers:
        raise RefusedError(409, f"there is a column {name} already")
    return _fill(found, len(found.headers) + 1, name, formula)


def change_column(found: Table, name: str, new: str, formula: str | None) -> list[Operation]:
    """Return the operations that rename a column, and compute it anew where it has a formula."""
    if new != name and new in found.headers:
        raise RefusedError(409, f"there is a column {new} already")
    return _fill(found, found.column(name), new, formula)


def delete_column(found: Table, name: str) -> Operation:
    """Return the operation that deletes a column."""
    return Lines(do="delete_columns", sheet=found.sheet, at=found.column(name))


def cleared(found: Table) -> list[Operation]:
    """Return the operations that delete a table's rows, its header too."""
    if not found.headers:
        return []
    count, steps = len(found.rows) + 1, []
    while count > 0:  # from its end, so that none moves another
        step = min(count, 10_000)
        count -= step
        steps.append(Lines(do="delete_rows", sheet=found.sheet, at=count + 1, count=step))
    return list(steps)


def _fill(found: Table, column: int, name: str, formula: str | None) -> list[Operation]:
    cells = [Cell(row=1, column=column, input=name, text=True)]
    if formula is not None:
        text = formula if formula.startswith("=") else f"={formula}"
        cells += [
            Cell(row=row, column=column, input=_OWN_ROW.sub(str(row), text))
            for row in range(2, len(found.rows) + 2)
        ]
    return _pieces(found.sheet, cells)


def _line(headers: Sequence[str], row: Sequence[Any] | Mapping[str, Any]) -> Sequence[Any]:
    if isinstance(row, Mapping):
        return [row.get(name) for name in headers]
    if len(row) > len(headers):
        raise RefusedError(422, f"a row has {len(row)} values and the table {len(headers)} columns")
    return row


def _pieces(sheet: str, cells: Sequence[Cell]) -> list[Operation]:
    return [
        SetCells(sheet=sheet, cells=tuple(cells[begin : begin + CELLS]))
        for begin in range(0, len(cells), CELLS)
    ]


def _plain(value: Any) -> str | float | bool | None:
    """Return a value as a cell takes it: numbers as floats, what is nested as text."""
    if value is None or isinstance(value, str | bool):
        return value
    return float(value) if isinstance(value, int | float) else str(value)
