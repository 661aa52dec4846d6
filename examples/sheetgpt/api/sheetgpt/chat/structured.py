"""Tables in a model's text: a line ``---DATA---``, then one JSON object."""

from __future__ import annotations

import json
from typing import Any

from sheetgpt import tabular
from sheetgpt.errors import RefusedError
from sheetgpt.tabular import Grid

MARK = "---DATA---"


class Splitter:
    """Separates an answer's text from its data while it streams."""

    def __init__(self) -> None:
        self.data: str | None = None
        self._waiting = ""

    def text(self, piece: str) -> str:
        """Return what of a piece is surely text; a mark may come in two pieces."""
        if self.data is not None:
            self.data += piece
            return ""
        self._waiting += piece
        before, mark, after = self._waiting.partition(MARK)
        if mark:
            self.data, self._waiting = after, ""
            return before
        held = next((n for n in range(len(MARK) - 1, 0, -1) if before.endswith(MARK[:n])), 0)
        self._waiting = before[len(before) - held :] if held else ""
        return before[: len(before) - held]

    def rest(self) -> str:
        """Return text that was held back."""
        found, self._waiting = self._waiting, ""
        return found


def table(data: str) -> Grid | None:
    """Return the table of an answer's data; None where it holds none.

    Models put it into a fence, add a sentence after it, or break off: the first object counts.
    """
    begin = data.find("{")
    try:
        found: Any = json.JSONDecoder().raw_decode(data[begin:])[0] if begin >= 0 else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    headers, rows = found.get("headers"), found.get("rows")
    if not isinstance(headers, list) or not isinstance(rows, list) or not headers:
        return None
    names = [name.get("name") if isinstance(name, dict) else name for name in headers]
    try:
        return tabular.lines(
            [str(name) for name in names], [r for r in rows if isinstance(r, list | dict)]
        )
    except RefusedError:
        return None
