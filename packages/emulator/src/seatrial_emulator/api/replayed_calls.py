"""An API call that is sent again because its answer was late gets the answer it had.

SDKs number their calls (``amz-sdk-invocation-id``, the same for every attempt). On a busy machine
an answer may come after a client gave up waiting; its second attempt to create something would then
find it there. AWS answers in time; here the first attempt's answer is given again. Refusals are
not: whoever tries those again wants to know whether they still hold. What AWS makes idempotent by a
token in the request is answered again too, for every call with it.

Terraform's provider also gives up on a call whose answer comes late, and makes a new one. Where
this process itself stood still, the second attempt to create something gets the answer of the first
one in place of "already exists".
"""

from __future__ import annotations

import re
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seatrial_emulator.api.stalls import Stalls

MOST = 512
FRESH = 20.0  # seconds in which a creation that is refused as a second one may be the first again
_SECOND = re.compile(rb"AlreadyExists|AlreadyInUse|Duplicate")
LARGEST = 1 << 20  # bytes of an answer that is stored
ID = "HTTP_AMZ_SDK_INVOCATION_ID"

App = Callable[[dict[str, Any], Any], Any]
Answer = tuple[str, list[tuple[str, str]], list[bytes]]


@dataclass
class Answers:
    """The latest good answers by the number of their call."""

    found: OrderedDict[str, Answer] = field(default_factory=OrderedDict)
    lost: dict[str, Answer] = field(default_factory=dict)  # to creations whose client was gone
    late: dict[str, tuple[float, Answer]] = field(default_factory=dict)  # to others, by when
    stalls: Stalls = field(default_factory=Stalls)

    def of(
        self, app: App, environ: dict[str, Any], start: Any, token: str = "", content: str = ""
    ) -> list[bytes]:
        """Answer a request, or give the answer that the same call had.

        ``token`` identifies a creation that AWS makes idempotent, whatever the call's number.
        ``content`` identifies any creation: where its client was gone before the answer came, the
        next one like it is the same client's, and gets that answer, once.
        """
        if (lost := self.lost.pop(content, None)) is not None:
            start(lost[0], lost[1])
            return lost[2]
        names = [name for name in (str(environ.get(ID, "")), token) if name]
        answer = next((self.found[name] for name in names if name in self.found), None)
        if answer is not None:
            start(answer[0], answer[1])
            return answer[2]
        answer = self._heard(_called(app, environ), environ, names, content)
        start(answer[0], answer[1])
        return answer[2]

    def _heard(
        self, answer: Answer, environ: dict[str, Any], names: list[str], content: str
    ) -> Answer:
        """Remember a good answer; return it, or that to the same creation's first attempt."""
        now = time.monotonic()
        if not answer[0].startswith("2"):
            before, first = self.late.get(content, (0.0, answer))
            second = now - before < FRESH and _SECOND.search(b"".join(answer[2]))
            return first if second else answer
        self._store(names, answer)
        if content and _is_gone(environ):
            self.lost[content] = answer
        elif content and self.stalls.recent(now):
            self.late = {k: row for k, row in self.late.items() if now - row[0] < FRESH}
            self.late[content] = now, answer
        return answer

    def forget(self, prefix: str) -> None:
        """Forget the answers to creations whose tokens begin so."""
        rows: tuple[dict[str, Any], ...] = (self.found, self.lost, self.late)
        for answers in rows:
            for name in [name for name in answers if name.startswith(prefix)]:
                del answers[name]

    def _store(self, names: list[str], answer: Answer) -> None:
        if sum(map(len, answer[2])) > LARGEST:
            return
        for name in names:
            self.found[name] = answer
        while len(self.found) > MOST:
            self.found.popitem(last=False)


def _called(app: App, environ: dict[str, Any]) -> Answer:
    """Return an application's whole answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def note(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        started.append((status, headers))

    body = list(app(environ, note))
    return (*started[-1], body)


def _is_gone(environ: dict[str, Any]) -> bool:
    """Return whether a request's client has closed its connection already."""
    connection = environ.get("werkzeug.socket")
    if connection is None:
        return False
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
