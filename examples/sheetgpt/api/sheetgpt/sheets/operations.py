"""Operations on a workbook, as they travel, are stored, replayed and undone.

Rows and columns count from 1, as a person reads them; a sheet goes by its name.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

ROWS, COLUMNS = 1_048_576, 16_384  # Excel's limits, which the engine has too
CELLS = 20_000  # of one operation

Row = Annotated[int, Field(ge=1, le=ROWS)]
Column = Annotated[int, Field(ge=1, le=COLUMNS)]
SheetName = Annotated[str, Field(min_length=1, max_length=31)]
Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$"), AfterValidator(str.upper)]


class Shape(BaseModel):
    """What every operation is: nothing but its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cell(Shape):
    """A cell's new content.

    A string is what a person types ("12%", "=A1*2", "'00123" for text); with ``text`` it is taken
    as it stands. None empties the cell. ``style`` is the engine's whole style; undoing sets it.
    """

    row: Row
    column: Column
    input: Annotated[str, Field(max_length=32_767)] | bool | float | None
    text: bool = False
    style: dict[str, Any] | None = None


class SetCells(Shape):
    """Give cells new contents."""

    do: Literal["set"] = "set"
    sheet: SheetName
    cells: Annotated[tuple[Cell, ...], Field(min_length=1, max_length=CELLS)]


class Lines(Shape):
    """Insert or delete whole rows or columns."""

    do: Literal["insert_rows", "delete_rows", "insert_columns", "delete_columns"]
    sheet: SheetName
    at: Annotated[int, Field(ge=1, le=ROWS)]
    count: Annotated[int, Field(ge=1, le=10_000)] = 1


class AddSheet(Shape):
    """Add a sheet after the others."""

    do: Literal["add_sheet"] = "add_sheet"
    sheet: SheetName


class RenameSheet(Shape):
    """Rename a sheet; formulas follow."""

    do: Literal["rename_sheet"] = "rename_sheet"
    sheet: SheetName
    to: SheetName


class DeleteSheet(Shape):
    """Delete a sheet; formulas that read it become #REF!."""

    do: Literal["delete_sheet"] = "delete_sheet"
    sheet: SheetName


class Area(Shape):
    """A rectangle of cells, its edges included."""

    top: Row
    left: Column
    bottom: Row
    right: Column

    @property
    def size(self) -> int:
        """Return how many cells it has; negative edges have none."""
        return max(0, self.bottom - self.top + 1) * max(0, self.right - self.left + 1)


class Format(Shape):
    """Change how the cells of an area look; what is None stays."""

    do: Literal["format"] = "format"
    sheet: SheetName
    area: Area
    bold: bool | None = None
    italic: bool | None = None
    color: Color | None = None
    fill: Color | None = None
    number: Annotated[str, Field(max_length=100)] | None = None
    align: Literal["left", "center", "right"] | None = None


class Sort(Shape):
    """Order the rows of an area by the values of one of its columns; empty ones come last."""

    do: Literal["sort"] = "sort"
    sheet: SheetName
    area: Area
    by: Column
    descending: bool = False


Operation = Annotated[
    SetCells | Lines | AddSheet | RenameSheet | DeleteSheet | Format | Sort,
    Field(discriminator="do"),
]
Operations = TypeAdapter(tuple[Operation, ...])
