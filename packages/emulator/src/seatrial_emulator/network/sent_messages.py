"""What the network process was sent and still holds: a new one is sent it again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    """One message with its descriptors."""

    op: str
    fds: tuple[int, ...]
    body: dict[str, Any]


class SentMessages:
    """The newest message of each kind and key, with duplicates of its descriptors.

    ``forget`` and ``close`` take back a ``task`` and a ``listen``; every other kind replaces the
    one before.
    """

    def __init__(self) -> None:
        self.by_key: dict[tuple[str, str], Message] = {}

    def remember(self, op: str, fds: tuple[int, ...], body: dict[str, Any]) -> None:
        """Keep a message, or drop the one that it takes back."""
        match op:
            case "forget":
                self._drop(("task", str(body["address"])))
            case "close":
                self._drop(("listen", str(body["key"])))
            case _:
                key = (op, str(body.get("key") or body.get("address") or ""))
                self._drop(key)
                self.by_key[key] = Message(op, tuple(os.dup(fd) for fd in fds), body)

    def all(self) -> Iterator[Message]:
        """Return every message that holds, the oldest first, for a process that knows none."""
        yield from self.by_key.values()

    def close(self) -> None:
        """Close every descriptor."""
        for key in list(self.by_key):
            self._drop(key)

    def _drop(self, key: tuple[str, str]) -> None:
        if message := self.by_key.pop(key, None):
            for fd in message.fds:
                os.close(fd)
