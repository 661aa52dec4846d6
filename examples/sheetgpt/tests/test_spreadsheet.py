"""The spreadsheet by itself: undo is exact, edits find their cells, files keep their content."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgpt import files, tabular
from sheetgpt.chat import structured
from sheetgpt.errors import RefusedError
from sheetgpt.sheets import addresses, shifts
from sheetgpt.sheets.engine import Book
from sheetgpt.sheets.operations import (
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

HERE = Area(top=1, left=1, bottom=14, right=10)


def put(*cells: tuple[int, int, Any], sheet: str = "Sheet1", text: bool = False) -> SetCells:
    made = [Cell(row=row, column=column, input=value, text=text) for row, column, value in cells]
    return SetCells(sheet=sheet, cells=tuple(made))


def state(book: Book) -> dict[str, Any]:
    return {
        name: [[asdict(cell) for cell in row] for row in book.shown(name, HERE)]
        for name in sorted(book.sheets())
    }


def value(book: Book, row: int, column: int, sheet: str = "Sheet1") -> str:
    area = Area(top=row, left=column, bottom=row, right=column)
    return book.shown(sheet, area)[0][0].value


INPUTS = ["5", "12%", "=SUM(A1:A5)", "=A1*2", "=SEQUENCE(3)", "x", "1/2/2026", None, True, 3.5,
          '=B2&"a"', "=Sheet1!A1+1", "'=q", "00123", "#N/A", "=1/0"]  # fmt: skip
KINDS = ["set", "set", "set", "lines", "lines", "format", "add", "rename", "delete"]
LINES = ["insert_rows", "delete_rows", "insert_columns", "delete_columns"]


@st.composite
def operations(draw: st.DrawFn) -> list[Operation]:
    """A sequence of operations; sheets are named by what came before."""
    sheets, made = ["Sheet1"], list[Operation]()
    for number in range(draw(st.integers(1, 8))):
        sheet = draw(st.sampled_from(sheets))
        small = st.integers(1, 6)
        match draw(st.sampled_from(KINDS)):
            case "set":
                cells = st.tuples(st.integers(1, 10), st.integers(1, 5), st.sampled_from(INPUTS))
                made.append(put(*draw(st.lists(cells, min_size=1, max_size=4)), sheet=sheet))
            case "lines":
                do = draw(st.sampled_from(LINES))
                made.append(
                    Lines(do=do, sheet=sheet, at=draw(small), count=draw(st.integers(1, 2)))
                )
            case "format":
                area = Area(top=1, left=1, bottom=3, right=2)
                made.append(Format(sheet=sheet, area=area, bold=True, fill="#ff0000", number="0.0"))
            case "add":
                sheets.append(f"Added {number}")
                made.append(AddSheet(sheet=sheets[-1]))
            case "rename":
                sheets[sheets.index(sheet)] = f"Named {number}"
                made.append(RenameSheet(sheet=sheet, to=f"Named {number}"))
            case "delete" if len(sheets) > 1:
                sheets.remove(sheet)
                made.append(DeleteSheet(sheet=sheet))
    return made


@settings(max_examples=150, deadline=None)
@given(operations())
def test_undo_brings_the_very_state_back_and_redo_the_other(found: list[Operation]):
    """Values, what was typed, formats; across inserted, deleted and renamed rows and sheets."""
    book = Book.new()
    for operation in found:
        before = state(book)
        undo = book.apply([operation])
        after = state(book)
        redo = book.apply(undo)
        assert state(book) == before, operation
        book.apply(redo)
        assert state(book) == after, operation


@settings(max_examples=60, deadline=None)
@given(operations())
def test_a_saved_workbook_is_the_same_when_it_is_opened(found: list[Operation]):
    """A process that opens a workbook sees what the one that saved it saw."""
    book = Book.new()
    book.apply(found)
    assert state(Book.load(book.xlsx())) == state(book)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(LINES), st.integers(1, 8), st.integers(1, 3), st.integers(1, 10),
       st.integers(1, 6))  # fmt: skip
def test_an_edit_lands_where_its_cell_has_moved(
    do: str, at: int, count: int, row: int, column: int
):
    """The engine moves a mark by itself; the edit that was meant for it must find it there."""
    book, lines = Book.new(), Lines(do=do, sheet="Sheet1", at=at, count=count)
    book.apply([put((row, column, "mark"))])
    book.apply([lines])
    found = [
        (y, x) for y, cells in enumerate(book.shown("Sheet1", HERE), 1)
        for x, cell in enumerate(cells, 1) if cell.value == "mark"
    ]  # fmt: skip
    if not found:
        with pytest.raises(RefusedError, match="deleted meanwhile"):
            shifts.rebase([put((row, column, "new"))], [lines])
        return
    (moved,) = shifts.rebase([put((row, column, "new"))], [lines])
    assert isinstance(moved, SetCells)
    assert [(cell.row, cell.column) for cell in moved.cells] == found


def test_undoing_leaves_what_another_wrote_later():
    """Ann's undo takes her own value back, not the one that Ben typed over another of her cells."""
    undo = [put((1, 1, None), (2, 1, None))]
    (left,) = shifts.rebase(undo, [put((2, 1, "Ben's"))], yielding=True)
    assert left == put((1, 1, None))
    assert shifts.rebase([put((2, 1, None))], [put((2, 1, "Ben's"))], yielding=True) == []


def test_lines_move_over_lines():
    """An undo of two steps: its second step is about the rows that its first one inserts."""
    undo: list[Operation] = [Lines(do="insert_rows", sheet="Sheet1", at=3), put((3, 1, "back"))]
    above = Lines(do="insert_rows", sheet="Sheet1", at=1, count=2)
    moved = shifts.rebase(undo, [above])
    assert moved == [Lines(do="insert_rows", sheet="Sheet1", at=5), put((5, 1, "back"))]


FORMULAS = {
    "=SUM(A1:A3)": "6", "=AVERAGE(A1:A3)": "2", '=IF(A1>0,"yes","no")': "yes",
    "=VLOOKUP(2,A1:B3,2,FALSE)": "two", '=XLOOKUP("three",B1:B3,A1:A3)': "3",
    '=COUNTIF(A1:A3,">1")': "2", '=TEXTJOIN("-",TRUE,B1:B3)': "one-two-three",
    "=SUMPRODUCT(A1:A3,A1:A3)": "14", '=DAYS(DATE(2026,2,1),DATE(2026,1,1))': "31", "=ROUND(2/3,2)": "0.67",
    "=IFERROR(1/0,9)": "9", "=1/0": "#DIV/0!", "=NOSUCH(1)": "#NAME?", "=E99": "0",
    "=LET(x,A2,x*10)": "20", "=INDEX(SORT(A1:A3,1,-1),1)": "3",
}  # fmt: skip


def test_formulas_compute_and_follow_an_edit():
    """By Excel's documented rules; a changed cell changes what reads it."""
    book = Book.new()
    book.apply([put(*((row, 1, float(row)) for row in (1, 2, 3)),
                    *((row, 2, name) for row, name in enumerate(("one", "two", "three"), 1)),
                    *((row, 4, text) for row, text in enumerate(FORMULAS, 1)))])  # fmt: skip
    found = {text: value(book, row, 4) for row, text in enumerate(FORMULAS, 1)}
    assert found == FORMULAS
    book.apply([put((3, 1, 30.0))])
    assert value(book, 1, 4) == "33"


@pytest.mark.parametrize("operation", [
    put((1, 1, "x"), sheet="None"), RenameSheet(sheet="Sheet1", to="a/b"), DeleteSheet(sheet="Sheet1"),
    AddSheet(sheet="Sheet1"), Sort(sheet="Sheet1", area=HERE, by=16_000),
    Lines(do="insert_rows", sheet="Sheet1", at=1_048_576, count=10_000),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_in_words(operation: Operation):
    """No traceback, no panic of the engine; a sentence."""
    book = Book.new()
    book.apply([put((1, 1, "here"), (1_048_576, 1, "at the end"))])
    with pytest.raises(RefusedError) as refused:
        book.apply([operation])
    assert refused.value.message


def test_sorting_orders_as_excel_does():
    """Numbers, then text without regard to case, then booleans; empty cells last both ways."""
    book, area = Book.new(), Area(top=1, left=1, bottom=6, right=2)
    rows = [("b", 1), (10.0, 2), (True, 3), (None, 4), ("A", 5), (9.0, 6)]
    book.apply([put(*((y, x, v) for y, row in enumerate(rows, 1) for x, v in enumerate(row, 1)))])
    undo = book.apply([Sort(sheet="Sheet1", area=area, by=1)])
    assert [value(book, row, 2) for row in range(1, 7)] == ["6", "2", "5", "1", "3", "4"]
    book.apply(undo)
    assert [value(book, row, 2) for row in range(1, 7)] == ["1", "2", "3", "4", "5", "6"]


def test_a_csv_file_comes_in_as_data_and_goes_out_harmless():
    """Ids keep zeros, formulas stay text, what a program would run gets an apostrophe."""
    text = 'id;note;n\n00123;=1+1;-5\n7;@cmd;1.50\nü;"a\nb";1e5\n'
    book = files.imported("x.csv", text.encode("cp1252"))
    rows = list(files.rows_of(book, "Sheet1"))
    assert rows[1:] == [["00123", "=1+1", "-5"], ["7", "@cmd", "1.5"], ["ü", "a\nb", "1e5"]]
    assert "'=1+1,-5" in files.csv_of(book, "Sheet1")
    for name, data, status in (
        ("x.pdf", b"", 415),
        ("x.xlsx", b"no", 422),
        ("x.csv", b"a\0b", 422),
    ):
        with pytest.raises(RefusedError) as refused:
            files.imported(name, data)
        assert refused.value.status == status


def test_an_xlsx_file_of_another_program_comes_in_and_goes_out():
    """openpyxl wrote it and reads it back: values, formulas with results, formats."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet
    for row in ((1, 2.5), (3, "=A1+A2")):
        sheet.append(row)
    sheet["A1"].font = openpyxl.styles.Font(bold=True)
    sheet["B1"].number_format = "0.00"
    out = io.BytesIO()
    made.save(out)
    book = files.imported("x.xlsx", out.getvalue())
    data = io.BytesIO(book.xlsx())
    values = openpyxl.load_workbook(data, data_only=True).active
    formulas = openpyxl.load_workbook(data).active
    assert values
    assert formulas
    assert (values["B2"].value, formulas["B2"].value) == (4, "=A1+A2")
    assert (formulas["A1"].font.b, formulas["B1"].number_format) == (True, "0.00")


def test_addresses():
    """Corners in any order; outside of a sheet is refused."""
    assert addresses.area("C10:$A$1") == Area(top=1, left=1, bottom=10, right=3)
    assert all(addresses.number(addresses.letters(n)) == n for n in range(1, 16_385))
    for wrong in ("", "A0", "XFE1", "A1048577", "A1:B2:C3", "Sheet1!A1"):
        with pytest.raises(RefusedError):
            addresses.area(wrong)


def test_a_computed_column_follows_its_rows():
    """A formula of a column is one formula a row, and it is computed."""
    book = tabular.book_of(tabular.lines(["n"], [[1], [2], {"n": 3}]))
    book.apply(tabular.add_column(tabular.table(book), "double", "=A{row}*2"))
    found = tabular.table(book)
    assert [row["double"] for row in found.rows] == ["2", "4", "6"]
    assert found.columns[1]["formula"] == "=A2*2"


@pytest.mark.parametrize(("pieces", "text", "data"), [
    (["Here ---DA", "TA---", '{"headers": ["a"], "rows": [[1]]}'], "Here ", [["a"], [1.0]]),
    (["x---DATA---```json\n{\"headers\": [{\"name\": \"a\"}], \"rows\": [{\"a\": \"q\"}]}\n``` done"], "x", [["a"], ["q"]]),
    (['---DATA---{"headers": ["a", '], "", None), (["---DATA---[1, 2]"], "", None),
    (["a---b----", "-c"], "a---b-----c", None),
    (["---DATA---" + '{"headers": ["a", "a"], "rows": []}'], "", None),
    (["---DATA---" + '{"headers": ' * 5000], "", None),
])  # fmt: skip
def test_tables_in_a_model_s_text(pieces: list[str], text: str, data: list[Any] | None):
    """A mark in two pieces, fences, sentences after it, broken JSON: text goes on, no crash."""
    splitter = structured.Splitter()
    shown = "".join(splitter.text(piece) for piece in pieces) + splitter.rest()
    assert shown == text
    assert (structured.table(splitter.data) if splitter.data is not None else None) == data
