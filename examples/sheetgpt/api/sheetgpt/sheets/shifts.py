"""How an operation that was meant for an earlier state finds its cells in a later one.

Two people edit at once: one inserts a row at 3 while the other, who has not seen it, types into
row 5. The row meant is row 6 now. Pure: no engine, no database.
"""

from __future__ import annotations

from collections.abc import Iterable

from sheetgpt.errors import RefusedError
from sheetgpt.sheets.operations import (
    Area,
    DeleteSheet,
    Format,
    Lines,
    Operation,
    RenameSheet,
    SetCells,
    Sort,
)


def rebase(
    operations: Iterable[Operation], later: Iterable[Operation], *, yielding: bool = False
) -> list[Operation]:
    """Return operations moved over those that came in between.

    A ``yielding`` one leaves alone what a later one wrote: who undoes takes back his own contents,
    not another person's. Raises RefusedError 409 where what one is about was deleted meanwhile.
    """
    moved = list(operations)
    for other in later:
        moved = _all_over(moved, other, yielding=yielding)
    return moved


def _all_over(operations: list[Operation], other: Operation, *, yielding: bool) -> list[Operation]:
    """Move a list, each of which sees those before it, over one that saw none of them."""
    moved: list[Operation] = []
    between: Operation | None = other
    for operation in operations:
        found: Operation | None = operation
        if between is not None:
            found = _over(operation, between)
            if yielding and isinstance(between, SetCells):
                found = _without(found, between)
            between = _seen_after(between, operation)
        if found is not None:
            moved.append(found)
    return moved


def _seen_after(other: Operation, operation: Operation) -> Operation | None:
    """Return ``other`` as it is once ``operation`` has run; None where nothing of it is left."""
    same = isinstance(other, Lines) and isinstance(operation, Lines)
    if same and (other.do, other.at) == (operation.do, operation.at):
        return other if other.do.startswith("insert") else None
    try:
        return _over(other, operation)
    except RefusedError:
        return None


def _without(operation: Operation, other: SetCells) -> Operation | None:
    if not isinstance(operation, SetCells) or operation.sheet != other.sheet:
        return operation
    written = {(cell.row, cell.column) for cell in other.cells}
    cells = tuple(cell for cell in operation.cells if (cell.row, cell.column) not in written)
    return operation.model_copy(update={"cells": cells}) if cells else None


def _over(operation: Operation, other: Operation) -> Operation:
    if getattr(operation, "sheet", None) != getattr(other, "sheet", None):
        return operation
    if isinstance(other, RenameSheet):
        return operation.model_copy(update={"sheet": other.to})
    if isinstance(other, DeleteSheet):
        raise RefusedError(409, f"the sheet {other.sheet} was deleted meanwhile")
    if isinstance(other, Lines):
        return _shifted(operation, other)
    return operation


def _shifted(operation: Operation, other: Lines) -> Operation:
    if isinstance(operation, SetCells):
        cells = tuple(
            cell.model_copy(update=dict(zip(("row", "column"), found, strict=True)))
            for cell in operation.cells
            if (found := place(cell.row, cell.column, other))
        )
        if not cells:
            raise RefusedError(409, "the cells were deleted meanwhile")
        return operation.model_copy(update={"cells": cells})
    if isinstance(operation, Format | Sort):
        return _shifted_area(operation, other)
    if isinstance(operation, Lines) and _axis(operation) == _axis(other):
        return _shifted_lines(operation, other)
    return operation


def _shifted_area(operation: Format | Sort, other: Lines) -> Operation:
    area, rows = operation.area, _axis(other) == "rows"
    first, last = (area.top, area.bottom) if rows else (area.left, area.right)
    begin, end = _edge(first, other), _edge(last + 1, other) - 1
    if end < begin:
        raise RefusedError(409, "the cells were deleted meanwhile")
    names = ("top", "bottom") if rows else ("left", "right")
    update: dict[str, object] = {
        "area": Area.model_validate(area.model_dump() | dict(zip(names, (begin, end), strict=True)))
    }
    if isinstance(operation, Sort) and not rows:
        update["by"] = _line(operation.by, other) or begin
    return operation.model_copy(update=update)


def _shifted_lines(operation: Lines, other: Lines) -> Operation:
    if operation.do.startswith("insert"):
        return operation.model_copy(update={"at": _edge(operation.at, other)})
    begin = _edge(operation.at, other)
    end = _edge(operation.at + operation.count, other)
    if end <= begin:
        raise RefusedError(409, "the lines were deleted meanwhile")
    return operation.model_copy(update={"at": begin, "count": end - begin})


def place(row: int, column: int, other: Lines) -> tuple[int, int] | None:
    """Return where a cell is after lines moved; None where it was deleted."""
    if _axis(other) == "rows":
        found = _line(row, other)
        return None if found is None else (found, column)
    found = _line(column, other)
    return None if found is None else (row, found)


def _line(line: int, other: Lines) -> int | None:
    """Return where a row or column is now; None where it was deleted."""
    if other.do.startswith("insert"):
        return line + other.count if line >= other.at else line
    if other.at <= line < other.at + other.count:
        return None
    return line - other.count if line >= other.at else line


def _edge(line: int, other: Lines) -> int:
    """Return where the border before a row or column is now."""
    if other.do.startswith("insert"):
        return line + other.count if line >= other.at else line
    return line - min(other.count, max(0, line - other.at))


def _axis(operation: Lines) -> str:
    return operation.do.partition("_")[2]
