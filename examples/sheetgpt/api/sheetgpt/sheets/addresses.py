"""Cell addresses as people write them: A1, B2:D10."""

from __future__ import annotations

import re

from sheetgpt.errors import RefusedError
from sheetgpt.sheets.operations import COLUMNS, ROWS, Area

_RANGE = re.compile(r"^\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?$")


def letters(column: int) -> str:
    """Return a column's letters: 1 is A, 27 is AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def number(column: str) -> int:
    """Return a column's number; the inverse of ``letters``."""
    found = 0
    for letter in column.upper():
        found = found * 26 + ord(letter) - 64
    return found


def address(row: int, column: int) -> str:
    """Return a cell's address."""
    return f"{letters(column)}{row}"


def area(text: str) -> Area:
    """Return the area of ``A1`` or ``B2:D10``, in whichever order its corners come.

    Raises RefusedError 422 for anything else.
    """
    found = _RANGE.match(text.strip())
    if not found:
        raise RefusedError(422, f"{text!r} is no range of cells; write A1 or A1:C10")
    first, top, last, bottom = found.groups()
    columns = sorted((number(first), number(last or first)))
    rows = sorted((int(top), int(bottom or top)))
    if not (rows[0] >= 1 and rows[1] <= ROWS and columns[1] <= COLUMNS):
        raise RefusedError(422, f"{text!r} lies outside of a sheet ({ROWS} rows to column XFD)")
    return Area(top=rows[0], left=columns[0], bottom=rows[1], right=columns[1])
