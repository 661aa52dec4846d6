"""Files in and out: xlsx and csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from sheetgpt.errors import RefusedError
from sheetgpt.sheets.engine import FULL, Book
from sheetgpt.sheets.operations import COLUMNS, ROWS, Area

# What a program that opens a csv file takes for a formula (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE = 500  # rows read from the engine at a time


def imported(name: str, data: bytes) -> Book:
    """Return the workbook of an uploaded file, by the end of its name; raises RefusedError."""
    kind = name.lower().rpartition(".")[2]
    if kind == "xlsx":
        return Book.load(data)
    if kind in ("csv", "tsv", "txt"):
        return _of_csv(data)
    raise RefusedError(415, f"{name}: only .xlsx and .csv can be imported")


def _of_csv(data: bytes) -> Book:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what Excel on Windows saves
    if "\0" in text:
        raise RefusedError(422, "this is no text, so no csv file")
    book, filled = Book.new(), 0
    rows = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    try:
        for number, row in enumerate(rows, 1):
            filled += len(row)
            if number > ROWS or len(row) > COLUMNS or filled > FULL:
                raise RefusedError(413, f"line {number}: a workbook has at most {ROWS:,} rows,"
                                   f" {COLUMNS:,} columns and {FULL:,} filled cells")  # fmt: skip
            book.write_row(number, row)
    except csv.Error as error:
        raise RefusedError(422, f"line {rows.line_num}: {error}") from None
    book.apply([])
    return book


def _dialect(text: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        return csv.excel


def rows_of(book: Book, sheet: str) -> Iterator[list[str]]:
    """Return a sheet's rows as people see them, to its last filled cell."""
    bottom, right = book.extent(sheet)
    for top in range(1, bottom + 1, AT_ONCE):
        last = min(bottom, top + AT_ONCE - 1)
        if right:
            for row in book.shown(sheet, Area(top=top, left=1, bottom=last, right=right)):
                yield [cell.value for cell in row]


def csv_of(book: Book, sheet: str) -> str:
    """Return a sheet as csv; text that a program would run as a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows_of(book, sheet):
        writer.writerow([_harmless(value) for value in row])
    return out.getvalue()


def _harmless(value: str) -> str:
    if not value.startswith(FORMULA):
        return value
    try:
        float(value.replace(",", ""))
    except ValueError:
        return f"'{value}"
    return value  # a negative number


def preview(book: Book, sheet: str, rows: int = 20) -> tuple[list[str], list[list[str]]]:
    """Return a sheet's first row, and the rows after it."""
    found = list(islice(rows_of(book, sheet), rows + 1))
    return (found[0], found[1:]) if found else ([], [])
