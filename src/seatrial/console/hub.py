"""Who looks at the page, and what they were shown: a new viewer gets it at once."""

from __future__ import annotations

import json
import queue
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MOST = 4000  # events that a viewer may be behind before it is left alone
MEMORY = 400  # rows of a list that a new viewer gets

Viewer = queue.Queue[tuple[str, str]]


class Hub:
    """Passes each event to every viewer.

    An event replaces the one before of its name (``show``), or adds rows to it (``add``).
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.viewers: list[Viewer] = []
        self.shown: dict[str, str] = {}
        self.added: dict[str, deque[Any]] = {}
        self.joined = threading.Event()

    def show(self, name: str, value: Any) -> None:
        """Show a value, if it is another one than before."""
        text = json.dumps(value, default=str)
        with self.lock:
            if self.shown.get(name) != text:
                self.shown[name] = text
                self._pass(name, text)

    def add(self, name: str, rows: list[Any]) -> None:
        """Add rows to what is shown."""
        if rows:
            with self.lock:
                self.added.setdefault(name, deque(maxlen=MEMORY)).extend(rows)
                self._pass(name, json.dumps(rows, default=str))

    def forget(self) -> None:
        """Forget rows: they were of something that runs no more."""
        with self.lock:
            self.added.clear()

    def _pass(self, name: str, text: str) -> None:
        for viewer in self.viewers:
            if viewer.qsize() < MOST:
                viewer.put((name, text))

    @contextmanager
    def viewer(self) -> Iterator[Viewer]:
        """Give a viewer its events, first what is shown now."""
        made: Viewer = queue.Queue()
        with self.lock:
            for name, text in self.shown.items():
                made.put((name, text))
            for name, rows in self.added.items():
                made.put((name, json.dumps(list(rows), default=str)))
            self.viewers.append(made)
            self.joined.set()
        try:
            yield made
        finally:
            with self.lock:
                self.viewers.remove(made)
                if not self.viewers:
                    self.joined.clear()
