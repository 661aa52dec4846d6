"""A proxy before an endpoint: it kills a command at its k-th call that changes something, or
refuses some calls as AWS does when there are too many.

A call at which somebody is killed still arrives: its answer is what is lost, the worst moment for
whoever made it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from seatrial.engine.process import at_work

# What AWS says, by protocol: status, code, message (EC2 API reference, "Request throttling" and
# "Error codes"; S3 API reference, "Error responses"; each JSON service's "Common errors").
THROTTLED = {
    "ec2": (503, "RequestLimitExceeded", "Request limit exceeded."),
    "s3": (503, "SlowDown", "Please reduce your request rate."),
    "query": (400, "Throttling", "Rate exceeded"),
    "json": (400, "ThrottlingException", "Rate exceeded"),
}
EXPIRED = {
    "ec2": (400, "RequestExpired", "Request has expired."),
    "s3": (400, "ExpiredToken", "The provided token has expired."),
    "query": (403, "ExpiredToken", "The security token included in the request is expired"),
    "json": (400, "ExpiredTokenException", "The security token included in the request is expired"),
}
SHAPES = {
    "ec2": "<?xml version='1.0'?><Response><Errors><Error><Code>{}</Code><Message>{}</Message>"
    "</Error></Errors></Response>",
    "s3": "<?xml version='1.0'?><Error><Code>{}</Code><Message>{}</Message></Error>",
    "query": "<?xml version='1.0'?><ErrorResponse><Error><Code>{}</Code><Message>{}</Message>"
    "</Error></ErrorResponse>",
    "json": '{{"__type": "{}", "message": "{}"}}',
}
KINDS = {"json": "application/x-amz-json-1.1"}
READS = ("Describe", "List", "Get", "Head", "BatchGet", "Lookup", "Simulate", "Query")

Failure = Literal["", "expired", "cut"]


@dataclass
class Proxy:
    """Where calls go, which changed something, and at which of them who is killed."""

    upstream: str
    port: int = 0
    calls: list[str] = field(default_factory=list)
    kill_at: int = 0  # counted from 1; 0 is never
    at_call: Callable[[], None] = lambda: None
    lock: Any = field(default_factory=threading.Lock)
    throttle: float = 0.0  # the part of all calls that is refused
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    refused: int = 0
    failure: Failure = ""  # how every call is answered: by the endpoint, as expired, or not at all

    @property
    def endpoint(self) -> str:
        """Return the address that stands for the endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def arm(self, kill_at: int, process: int, folder: Path | None = None) -> None:
        """Begin to count anew, and kill a process at the k-th call.

        With ``folder`` every Terraform that works there goes with it, and its providers: a power
        cut.
        """

        def kill() -> None:
            os.kill(process, signal.SIGKILL)
            for number in at_work(folder) if folder else ():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(os.getpgid(number), signal.SIGKILL)

        with self.lock:
            self.calls.clear()
            self.kill_at, self.at_call = kill_at, kill

    def disarm(self) -> None:
        """Kill nobody."""
        with self.lock:
            self.kill_at = 0

    def turn(self, at: int, failure: Failure) -> None:
        """Begin to count anew; from the k-th call on every call fails in this way."""
        with self.lock:
            self.calls.clear()
            self.kill_at, self.failure = at, ""
            self.at_call = lambda: setattr(self, "failure", failure)  # never, where `at` is 0

    def refusal(self, headers: Any, body: bytes) -> tuple[int, str, str, str] | None:
        """Return a call's refusal in its service's words: status, type, code, body; or None."""
        with self.lock:
            if self.failure != "expired" and self.chance.random() >= self.throttle:
                return None
            self.refused += 1
        scope = str(headers.get("authorization", "")).partition("Credential=")[2].split("/")
        service = scope[3] if len(scope) > 3 else ""
        if service not in SHAPES:
            plain = body.startswith(b"Action=") or service == "cloudfront"
            service = "query" if plain else "json"
        status, code, text = (EXPIRED if self.failure == "expired" else THROTTLED)[service]
        kind = KINDS.get(service, "text/xml")
        return status, kind, code, SHAPES[service].format(code, text)

    def seen(self, action: str) -> None:
        """Count a call that changes something."""
        with self.lock:
            self.calls.append(action)
            if len(self.calls) == self.kill_at:
                self.kill_at = 0
                self.at_call()


def action(method: str, path: str, headers: Any, body: bytes) -> str:
    """Return a call's name where it changes something, else nothing."""
    name = str(headers.get("x-amz-target", "")).rpartition(".")[2]
    if not name and method == "POST" and b"Action=" in body[:2000]:
        name = parse_qs(body.decode("latin-1")).get("Action", [""])[0]
    if name:
        return "" if name.startswith(READS) else name
    return "" if method in ("GET", "HEAD") else f"{method} {urlsplit(path).path}"


@contextmanager
def proxy() -> Iterator[Proxy]:
    """Run a proxy; its ``upstream`` is set once the endpoint behind it runs."""
    made = Proxy("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

        def handle_one_request(self) -> None:
            """Pass one call on, and count it."""
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

        def _pass(self) -> None:
            body = self._body()
            if made.failure == "cut":  # the network is gone: no answer at all
                self.close_connection = True
                self.connection.close()
                return
            if refused := made.refusal(self.headers, body):
                self._refuse(*refused)
                return
            if found := action(self.command, self.path, self.headers, body):
                made.seen(found)
            place = urlsplit(made.upstream)
            line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
            line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "expect"):
                    line.putheader(name, value)
            if "content-length" not in self.headers and body:
                line.putheader("content-length", str(len(body)))
            line.endheaders(body or None)
            answer = line.getresponse()
            data = answer.read()
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            empty = self.command == "HEAD" or answer.status in (204, 304)
            length = answer.getheader("content-length") if self.command == "HEAD" else len(data)
            self.send_header("content-length", str(length or 0))
            self.end_headers()
            if not empty:
                self.wfile.write(data)
            line.close()

        def _refuse(self, status: int, kind: str, code: str, text: str) -> None:
            self.send_response_only(status)
            self.send_header("content-type", kind)
            self.send_header("x-amzn-errortype", code)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text.encode())

        def _body(self) -> bytes:
            if self.headers.get("expect", "").lower() == "100-continue":
                self.send_response_only(100)
                self.end_headers()
            if self.headers.get("transfer-encoding", "").lower() == "chunked":
                parts = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("content-length") or 0))

    for method in ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"):
        setattr(Handler, f"do_{method}", Handler._pass)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
