"""A workbook in memory: IronCalc behind one class that refuses instead of breaking.

Nothing else imports ironcalc. Its panics derive from BaseException and would end the process's
request as a crash; its evaluation holds Python's lock, so sizes are limited.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ironcalc

from sheetgpt.errors import RefusedError
from sheetgpt.sheets import shifts
from sheetgpt.sheets.addresses import address
from sheetgpt.sheets.operations import (
    CELLS,
    AddSheet,
    Area,
    Cell,
    DeleteSheet,
    Format,
    Lines,
    Operation,
    RenameSheet,
    SetCells,
    Sort,
)

FULL = 1_200_000  # filled cells of a workbook: about 500 MB of the engine's memory
Place = tuple[int, int, int]  # sheet from 0, row and column from 1


@dataclass(frozen=True)
class Shown:
    """A cell as a person sees it."""

    value: str  # formatted
    input: str  # what the formula bar shows
    kind: str  # number, text, boolean, error, empty
    bold: bool = False
    italic: bool = False
    color: str | None = None
    fill: str | None = None
    align: str | None = None


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what the engine raises into RefusedError 422."""
    try:
        yield
    except ironcalc.WorkbookError as error:
        raise RefusedError(422, str(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RefusedError(422, "the spreadsheet engine cannot do this") from None


class Book:
    """A workbook and what can be done to it. Not safe for two threads at once."""

    def __init__(self, model: ironcalc.Model) -> None:
        self.model = model

    @classmethod
    def new(cls, sheet: str = "Sheet1") -> Book:
        """Return an empty workbook with one sheet."""
        model = ironcalc.create("workbook")
        with guarded():
            if sheet != "Sheet1":
                model.rename_sheet(0, sheet)
        return cls(model)

    @classmethod
    def load(cls, xlsx: bytes) -> Book:
        """Return the workbook of an xlsx file; raises RefusedError 422."""
        with tempfile.TemporaryDirectory() as folder, guarded():
            path = Path(folder) / "workbook.xlsx"
            path.write_bytes(xlsx)
            made = cls(ironcalc.load_from_xlsx(str(path)))
            if len(made.model.get_all_cells()) > FULL:
                raise RefusedError(413, f"the workbook has more than {FULL:,} filled cells")
            made.model.evaluate()
        return made

    def xlsx(self) -> bytes:
        """Return the workbook as an xlsx file, formulas with their results."""
        with guarded():
            return self.model.to_xlsx()

    def sheets(self) -> list[str]:
        """Return the names of the sheets, in their order."""
        return [row["name"] for row in self.model.get_worksheets_properties()]

    def index(self, sheet: str) -> int:
        """Return a sheet's number; raises RefusedError 404."""
        try:
            return self.sheets().index(sheet)
        except ValueError:
            raise RefusedError(404, f"there is no sheet {sheet}") from None

    def extent(self, sheet: str) -> tuple[int, int]:
        """Return the last row and column that hold something; 0 and 0 for an empty sheet.

        The engine counts cells that have only a format, too.
        """
        number = self.index(sheet)
        _, bottom, _, right = self.model.get_sheet_dimensions(number)
        while bottom and self._bare(number, Area(top=bottom, left=1, bottom=bottom, right=right)):
            bottom -= 1
        while bottom and self._bare(number, Area(top=1, left=right, bottom=bottom, right=right)):
            right -= 1
        return bottom, right if bottom else 0

    def _bare(self, number: int, area: Area) -> bool:
        return all(self.model.is_empty_cell(number, *place) for place in _cells(area))

    def shown(self, sheet: str, area: Area) -> list[list[Shown]]:
        """Return the cells of an area, row by row."""
        number = self.index(sheet)
        with guarded():
            return [
                [self._shown(number, row, column) for column in range(area.left, area.right + 1)]
                for row in range(area.top, area.bottom + 1)
            ]

    def write_row(self, row: int, values: Sequence[str], sheet: int = 0) -> None:
        """Fill a row of a new workbook with values as a file has them: numbers, else text.

        What looks like a formula stays text, and so do numbers with leading zeros: ids.
        """
        with guarded():
            for column, value in enumerate(values, 1):
                number = _number(value)
                if number is not None:
                    self.model.update_cell_with_number(sheet, row, column, number)
                elif value:
                    self.model.update_cell_with_text(sheet, row, column, value)

    def apply(self, operations: list[Operation]) -> list[Operation]:
        """Carry operations out and return those that undo them, in the order to run them.

        Raises RefusedError; the workbook is of no use then, and its caller loads it anew.
        """
        undo: list[Operation] = []
        for operation in operations:
            with guarded():
                undo[:0] = self._apply(operation)
        with guarded():
            self.model.evaluate()
        return undo

    def _apply(self, operation: Operation) -> list[Operation]:
        match operation:
            case SetCells():
                return self._set(operation)
            case Lines():
                return self._lines(operation)
            case AddSheet(sheet=name):
                self.model.add_sheet(name)
                return [DeleteSheet(sheet=name)]
            case RenameSheet(sheet=name, to=new):
                self.model.rename_sheet(self.index(name), new)
                return [RenameSheet(sheet=new, to=name)]
            case DeleteSheet(sheet=name):
                return self._delete_sheet(name)
            case Format():
                return self._format(operation)
            case Sort():
                return self._sort(operation)

    def _set(self, operation: SetCells) -> list[Operation]:
        number = self.index(operation.sheet)
        before = self._as_written([(number, cell.row, cell.column) for cell in operation.cells])
        for cell in operation.cells:
            self._fill(number, cell)
        return [_set_again(operation.sheet, reversed(before))]

    def _fill(self, sheet: int, cell: Cell) -> None:
        at = sheet, cell.row, cell.column
        style = self.model.get_cell_style(*at)
        if style.get("quote_prefix"):  # a text stood here, and the engine would make one again
            self.model.set_cell_style(*at, style | {"quote_prefix": False})
        self.model.clear_cell_contents(*at)  # else what a formula spilled from here would stay
        if cell.input is None or cell.input == "":
            pass
        elif isinstance(cell.input, bool):
            self.model.update_cell_with_bool(*at, cell.input)
        elif isinstance(cell.input, float):
            self.model.update_cell_with_number(*at, cell.input)
        elif cell.text:
            self.model.update_cell_with_text(*at, cell.input)
        else:
            self.model.set_user_input(*at, cell.input)
        if cell.style is not None:
            self.model.set_cell_style(*at, cell.style)

    def _lines(self, operation: Lines) -> list[Operation]:
        number = self.index(operation.sheet)
        if operation.do.startswith("insert"):
            self._move(number, operation)
            return [_opposite(operation)]
        return self._delete_lines(number, operation)

    def _delete_lines(self, number: int, operation: Lines) -> list[Operation]:
        """Delete, and find what inserting would not bring back by doing it once.

        Contents of the lines, and formulas elsewhere that read them: a range that ended there has
        become shorter, a reference #REF!.
        """
        rows = operation.do == "delete_rows"
        gone = range(operation.at, operation.at + operation.count)
        lost = {
            place: cell
            for place, cell in self._contents(number).items()
            if place[1 if rows else 2] in gone
        }
        formulas = self._formulas()
        self._move(number, operation)
        self._move(number, _opposite(operation))
        changed = {place: text for place, text in formulas.items() if self._formula(place) != text}
        for place in changed.keys() - lost.keys():
            lost[place] = Cell(row=place[1], column=place[2], input=changed[place])
        self._move(number, operation)
        return [_opposite(operation), *self._grouped(lost)]

    def _move(self, number: int, operation: Lines) -> None:
        """Move lines; the engine (0.9.1) makes a formula of a moved text that looks like one."""
        quoted = {
            (row, column): self.model.get_cell_value(sheet, row, column)
            for sheet, row, column in self.model.get_all_cells()
            if sheet == number
            and not self.model.is_empty_cell(sheet, row, column)
            and self.model.get_cell_content(sheet, row, column)[:1] == "'"
        }
        getattr(self.model, operation.do)(number, operation.at, operation.count)
        for (row, column), value in quoted.items():
            if place := shifts.place(row, column, operation):
                self.model.update_cell_with_text(number, *place, str(value))

    def _delete_sheet(self, name: str) -> list[Operation]:
        if len(self.sheets()) == 1:
            raise RefusedError(422, "a workbook needs a sheet")
        number = self.index(name)
        lost = self._contents(number)
        # Typed anew when the sheet is back, else they stay #REF!.
        readers = {
            place: Cell(row=place[1], column=place[2], input=text)
            for place, text in self._formulas().items()
            if place[0] != number and name.lower() in text.lower()
        }
        back: list[Operation] = [
            AddSheet(sheet=name),
            *self._grouped(lost),
            *self._grouped(readers),
        ]
        self.model.delete_sheet(number)
        return back

    def _format(self, operation: Format) -> list[Operation]:
        if operation.area.size > CELLS:
            raise RefusedError(422, f"at most {CELLS:,} cells get a format at once")
        number, cells = self.index(operation.sheet), list(_cells(operation.area))
        before = self._as_written([(number, *place) for place in cells])
        for place in cells:
            style = self.model.get_cell_style(number, *place)
            self.model.set_cell_style(number, *place, _restyled(style, operation))
        return [_set_again(operation.sheet, before)]

    def _sort(self, operation: Sort) -> list[Operation]:
        area = operation.area
        if not area.left <= operation.by <= area.right:
            raise RefusedError(422, "the column to sort by is not in the range")
        if area.size > CELLS:
            raise RefusedError(422, f"at most {CELLS:,} cells are sorted at once")
        number = self.index(operation.sheet)
        self._refuse_formulas(number, area)
        cells = self._as_written([(number, *place) for place in _cells(area)])
        width = area.right - area.left + 1
        rows = [cells[begin : begin + width] for begin in range(0, len(cells), width)]
        keys = [self.model.get_cell_value(number, row[0].row, operation.by) for row in rows]
        moved = tuple(
            cell.model_copy(update={"row": area.top + place})
            for place, source in enumerate(_order(keys, descending=operation.descending))
            for cell in rows[source]
        )
        return self._set(_set_again(operation.sheet, moved))

    def _refuse_formulas(self, number: int, area: Area) -> None:
        for row, column in _cells(area):
            if self.model.get_cell_formula(number, row, column):
                found = address(row, column)
                raise RefusedError(
                    422, f"{found} is a formula: sort values, or use =SORT() beside them"
                )

    def _grouped(self, cells: dict[Place, Cell]) -> list[Operation]:
        names, groups = self.sheets(), dict[int, list[Cell]]()
        for (sheet, _, _), cell in sorted(cells.items()):
            groups.setdefault(sheet, []).append(cell)
        return [
            _set_again(names[sheet], found[begin : begin + CELLS])
            for sheet, found in groups.items()
            for begin in range(0, len(found), CELLS)
        ]

    def _formulas(self) -> dict[Place, str]:
        found = ((place, self._formula(place)) for place in self.model.get_all_cells())
        return {place: text for place, text in found if text}

    def _formula(self, place: Place) -> str | None:
        return self.model.get_cell_formula(*place)

    def _contents(self, number: int) -> dict[Place, Cell]:
        places = [place for place in self.model.get_all_cells() if place[0] == number]
        return dict(zip(places, self._as_written(places), strict=True))

    def _as_written(self, places: list[Place]) -> list[Cell]:
        """Return what somebody wrote into cells; None where a formula elsewhere spilled into one.

        The engine shows a spilled value as content, and typing it would block the spill. Only its
        other class knows which those are.
        """
        spills = ironcalc.create_user_model_from_bytes(self.model.to_bytes())
        return [self._cell(place, spilled=_spilled(spills, place)) for place in places]

    def _cell(self, place: Place, *, spilled: bool) -> Cell:
        found: Any = None  # of a number its value: how a date shows has lost its time of day
        if not spilled and not self.model.is_empty_cell(*place):
            found = self.model.get_cell_formula(*place) or self.model.get_cell_value(*place)
        return Cell.model_construct(
            row=place[1], column=place[2], input=found, text=self._is_text(place),
            style=self.model.get_cell_style(*place),
        )  # fmt: skip

    def _is_text(self, place: Place) -> bool:
        if self.model.get_cell_formula(*place):
            return False
        return self.model.get_cell_type(*place) == ironcalc.CellType.Text

    def _shown(self, sheet: int, row: int, column: int) -> Shown:
        if self.model.is_empty_cell(sheet, row, column):
            style = self.model.get_cell_style(sheet, row, column)
            return Shown("", "", "empty", **_look(style))
        value = self.model.get_cell_value(sheet, row, column)
        kind = {bool: "boolean", float: "number", str: "text"}.get(type(value), "empty")
        if self.model.get_cell_type(sheet, row, column) == ironcalc.CellType.ErrorValue:
            kind = "error"
        return Shown(
            self.model.get_formatted_cell_value(sheet, row, column),
            self.model.get_cell_content(sheet, row, column),
            kind,
            **_look(self.model.get_cell_style(sheet, row, column)),
        )


_PLAIN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")


def _number(value: str) -> float | None:
    """Return what is surely a number: no leading zero, no more digits than a float keeps."""
    return float(value) if _PLAIN.fullmatch(value) and len(value) <= 16 else None


def _set_again(sheet: str, cells: Iterable[Cell]) -> SetCells:
    """Return an operation that is not checked again: it may be larger than a caller's."""
    return SetCells.model_construct(do="set", sheet=sheet, cells=tuple(cells))


def _spilled(model: ironcalc.UserModel, place: Place) -> bool:
    found = model.get_cell_array_structure(*place)
    return isinstance(found, dict) and any(name.endswith("Child") for name in found)


def _opposite(operation: Lines) -> Lines:
    verb, _, axis = operation.do.partition("_")
    other = "delete" if verb == "insert" else "insert"
    return operation.model_copy(update={"do": f"{other}_{axis}"})


def _cells(area: Area) -> Iterator[tuple[int, int]]:
    for row in range(area.top, area.bottom + 1):
        for column in range(area.left, area.right + 1):
            yield row, column


def _restyled(style: dict[str, Any], wanted: Format) -> dict[str, Any]:
    font = {"b": wanted.bold, "i": wanted.italic, "color": wanted.color}
    given = {name: value for name, value in font.items() if value is not None}
    changed = style | {"font": (style.get("font") or {}) | given}
    if wanted.fill is not None:
        changed["fill"] = {"color": wanted.fill}
    if wanted.number is not None:
        changed["num_fmt"] = wanted.number
    if wanted.align is not None:
        changed["alignment"] = (style.get("alignment") or {}) | {"horizontal": wanted.align}
    return changed


def _look(style: dict[str, Any]) -> dict[str, Any]:
    font, fill = style.get("font") or {}, style.get("fill") or {}
    return {
        "bold": bool(font.get("b")),
        "italic": bool(font.get("i")),
        "color": _hex(font.get("color")),
        "fill": _hex(fill.get("color")),
        "align": (style.get("alignment") or {}).get("horizontal"),
    }


def _hex(color: object) -> str | None:
    return color if isinstance(color, str) else None


def _order(keys: list[Any], *, descending: bool) -> list[int]:
    """Return the rows in the order of their keys: numbers, then text, then booleans, as Excel."""
    filled = [place for place, key in enumerate(keys) if key not in (None, "")]
    empty = [place for place, key in enumerate(keys) if key in (None, "")]
    filled.sort(key=lambda place: _rank(keys[place]), reverse=descending)
    return filled + empty


def _rank(key: Any) -> tuple[int, Any]:
    if isinstance(key, bool):
        return 2, key
    if isinstance(key, float):
        return 0, key
    return 1, str(key).casefold()
