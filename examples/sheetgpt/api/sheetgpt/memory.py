"""Workbooks in this process's memory: the least used leave first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from sheetgpt.sheets.engine import Book

OPEN = 16  # workbooks in memory; one of 100,000 cells takes about 42 MB


@dataclass
class Held:
    """A workbook's place in memory; its lock is held while its book is used."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    book: Book | None = None
    seq: int = 0  # of the last change that the book has


class Books:
    """The workbooks in memory, by their ids."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[int, Held] = OrderedDict()

    def held(self, workbook: int) -> Held:
        """Return a workbook's place, made where there is none."""
        with self._lock:
            found = self._held.setdefault(workbook, Held())
            self._held.move_to_end(workbook)
            for key in list(self._held)[: max(0, len(self._held) - OPEN)]:
                if not self._held[key].lock.locked():
                    del self._held[key]
            return found
