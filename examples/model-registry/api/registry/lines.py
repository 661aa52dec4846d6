"""The last lines that say that something was refused, failed or went wrong, for the logs' page.

CloudWatch has every line; the page shows what an administrator looks for first, of all tasks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import NamedTuple

A_MINUTE = 40  # lines kept of each minute and task
MOST_LINES = 500  # on the page
LONGEST = 500  # characters of a line


class Line(NamedTuple):
    """One line; ``at`` is seconds since 1970."""

    at: float
    level: str
    text: str


class Lines(logging.Handler):
    """Keeps warnings, errors and the requests that were not answered as asked."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._rows: deque[Line] = deque(maxlen=5 * A_MINUTE)
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record that somebody may look for."""
        status = getattr(record, "status", 0)
        if record.levelno < logging.WARNING and status < 400:
            return
        level = "warning" if 400 <= status < 500 else record.levelname.lower()
        text = record.getMessage()
        if record.exc_info and record.exc_info[0]:
            text += f" ({record.exc_info[0].__name__})"
        with self._guard:
            self._rows.append(Line(record.created, level, text[:LONGEST]))

    def lines(self, minute: int) -> list[Line]:
        """Return the last lines of a minute, counted since 1970."""
        with self._guard:
            found = [row for row in self._rows if int(row.at // 60) == minute]
        return found[-A_MINUTE:]


said = Lines()


def clock(at: float) -> str:
    """Return a moment as the page shows it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
