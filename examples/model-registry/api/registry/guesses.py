"""Wrong logins are counted, so that nobody can try passwords for long.

Each task counts by itself, in memory: with four tasks a guesser has four times as many tries.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from registry.errors import RefusedError

WINDOW = 300.0  # seconds
BY_ADDRESS = 10  # wrong logins of one name from one address within the window
BY_NAME = 100  # of one name from anywhere: addresses can be had by the thousand
MOST = 10_000  # names and addresses that are remembered

_lock = threading.Lock()
_wrong: dict[tuple[str, str], deque[float]] = {}


def refuse(name: str, address: str) -> None:
    """Raise RefusedError 429 where a name was guessed too often."""
    with _lock:
        tried = _within((name, address)), _within((name, ""))
    if tried[0] >= BY_ADDRESS or tried[1] >= BY_NAME:
        minutes = int(WINDOW // 60)
        raise RefusedError(429, f"too many wrong logins; try again in {minutes} minutes")


def count(name: str, address: str) -> None:
    """Remember a wrong login."""
    now = time.monotonic()
    with _lock:
        if len(_wrong) > MOST:
            _wrong.clear()
        for key in {(name, address), (name, "")}:
            _wrong.setdefault(key, deque(maxlen=BY_NAME)).append(now)


def _within(key: tuple[str, str]) -> int:
    tries = _wrong.get(key, deque())
    while tries and time.monotonic() - tries[0] > WINDOW:
        tries.popleft()
    return len(tries)
