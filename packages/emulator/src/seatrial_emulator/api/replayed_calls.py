"""An API call that is sent again because its answer was late gets the answer it had.

SDKs number their calls (``amz-sdk-invocation-id``, the same for every attempt). On a busy machine
an answer may come after a client gave up waiting; its second attempt to create something would then
find it there. AWS answers in time; here the first attempt's answer is given again. Refusals are
not: whoever tries those again wants to know whether they still hold. What AWS makes idempotent by a
token in the request is answered again too, for every call with it.
"""

from __future__ import annotations

import socket
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST = 512
LARGEST = 1 << 20  # bytes of an answer that is stored
ID = "HTTP_AMZ_SDK_INVOCATION_ID"

App = Callable[[dict[str, Any], Any], Any]
Answer = tuple[str, list[tuple[str, str]], list[bytes]]


@dataclass
class Answers:
    """The latest good answers by the number of their call."""

    found: OrderedDict[str, Answer] = field(default_factory=OrderedDict)
    lost: dict[str, Answer] = field(default_factory=dict)  # to creations whose client was gone

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
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            started.append((status, headers))
            return start(status, headers, *rest)

        body = list(app(environ, note))
        if started and started[-1][0].startswith("2"):
            self._store(names, (*started[-1], body))
            if content and _is_gone(environ):
                self.lost[content] = (*started[-1], body)
        return body

    def forget(self, prefix: str) -> None:
        """Forget the answers to creations whose tokens begin so."""
        for answers in (self.found, self.lost):
            for name in [name for name in answers if name.startswith(prefix)]:
                del answers[name]

    def _store(self, names: list[str], answer: Answer) -> None:
        if sum(map(len, answer[2])) > LARGEST:
            return
        for name in names:
            self.found[name] = answer
        while len(self.found) > MOST:
            self.found.popitem(last=False)


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
