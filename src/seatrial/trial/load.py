"""A steady load through the load balancer, and the result of each request.

Every request has a connection of its own, so that no answer is lost because an idle connection was
closed; the requests begin at fixed times, whether or not earlier ones were answered (an open loop),
so that a stall is seen as long as it is.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count, cycle
from urllib.parse import urlsplit

TIMEOUT = 30.0  # seconds; a request without an answer by then has failed
MOST_AT_ONCE = 64
BALANCER = "awselb"  # the `Server` header of what a load balancer answers by itself


@dataclass(frozen=True)
class Answer:
    """One request: when it began, how long it took (seconds), its status; 0 is no answer.

    ``text`` is the body's beginning, or why there was no answer; ``server`` that header.
    """

    at: float
    seconds: float
    status: int
    path: str
    text: str = ""
    server: str = ""

    @property
    def failed(self) -> bool:
        """Return whether the user saw a failure: no answer, a 5xx status, or an error of the load
        balancer's own, which no service has answered.
        """
        balancers = self.status >= 400 and self.server.startswith(BALANCER)
        return self.status == 0 or self.status >= 500 or balancers


@dataclass
class Load:
    """Requests at a fixed rate, from ``start`` to ``stop``."""

    address: str
    paths: tuple[str, ...]
    rate: float
    answers: list[Answer] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(MOST_AT_ONCE, "load"), repr=False
    )
    thread: threading.Thread | None = None

    def start(self) -> None:
        """Start sending."""
        self.thread = threading.Thread(target=self._run, daemon=True, name="load")
        self.thread.start()

    def stop(self) -> None:
        """Send no more, and wait for the answers to what was sent."""
        self.ended.set()
        if self.thread:
            self.thread.join()
        self.pool.shutdown(wait=True)

    def between(self, begin: float, end: float) -> list[Answer]:
        """Return the requests that were begun between two moments of the monotonic clock."""
        return [answer for answer in list(self.answers) if begin <= answer.at < end]

    def _run(self) -> None:
        begin, paths = time.monotonic(), cycle(self.paths)
        for number in count():
            due = begin + number / self.rate
            if self.ended.wait(max(0.0, due - time.monotonic())):
                return
            self.pool.submit(self._send, next(paths))

    def _send(self, path: str) -> None:
        answer = send_request(self.address, path)
        self.answers.append(answer if answer.failed else replace(answer, text=""))


def send_request(
    address: str,
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: str = "",
) -> Answer:
    """Send one request and read the whole answer; ``text`` is its first 64 KB."""
    begin = time.monotonic()
    status, text, server = 0, "", ""
    try:
        with _connection(address) as connection:
            connection.request(method, path, body.encode() or None, headers or {})
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")[:65_536]
            status, server = answer.status, answer.getheader("Server") or ""
    except (OSError, http.client.HTTPException) as error:
        text = f"{type(error).__name__}: {error}"
    return Answer(begin, time.monotonic() - begin, status, path, text=text, server=server)


@contextlib.contextmanager
def _connection(address: str) -> Iterator[http.client.HTTPConnection]:
    url = urlsplit(address)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT)
    try:
        yield connection
    finally:
        connection.close()
