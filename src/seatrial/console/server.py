"""The page's server: loopback only, behind a token, for this page's own requests alone."""

from __future__ import annotations

import hmac
import json
import queue
import secrets
import threading
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from seatrial.console.actions import Runner
from seatrial.console.hub import Hub
from seatrial.console.place import Find
from seatrial.console.reader import Reader

PAGES = Path(__file__).parent / "pages"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
BEAT_SECONDS = 10.0  # without an event until the browser hears that the server is there
MOST_BODY = 4096  # bytes of a request
# No address but this server's own is wanted for anything, and nobody may frame the page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@dataclass
class Console:
    """A console that serves until it is closed; ``address`` has its token."""

    server: ThreadingHTTPServer
    reader: Reader
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """Return where the page is: who has this address may look, and press buttons."""
        return f"http://127.0.0.1:{self.server.server_port}/{self.token}/"

    def close(self) -> None:
        """End the server and the reading."""
        self.reader.ended.set()
        self.server.shutdown()
        self.server.server_close()


def start(
    path: Path, environment: str, find: Find, *, steps: Path | None = None, port: int = 0
) -> Console:
    """Serve a console in threads of this process; raises OSError where the port is taken."""
    hub, token = Hub(), secrets.token_urlsafe(18)
    runner = Runner(path, environment, lambda text, tone: reader.say(text, tone))
    reader = Reader(find, hub, runner, steps)
    handler = partial(Handler, hub, runner, token)
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    for name, run in (("console", server.serve_forever), ("console reader", reader.run)):
        threading.Thread(target=run, daemon=True, name=name).start()
    return Console(server, reader, token)


class Handler(BaseHTTPRequestHandler):
    """Answers one browser."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "seatrial", ""

    def __init__(self, hub: Hub, runner: Runner, token: str, *rest: object) -> None:
        self.hub, self.runner, self.token = hub, runner, token
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:  # the standard library's name
        """Answer with a file of the page, or with its stream of events."""
        name = self._allowed()
        if name is None:
            return
        if name == "events":
            self._stream()
            return
        file = PAGES / (name or "index.html")
        if file.parent != PAGES or not file.is_file() or file.suffix not in TYPES:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        self._answer(HTTPStatus.OK, file.read_bytes(), f"{TYPES[file.suffix]}; charset=utf-8")

    def do_POST(self) -> None:
        """Run the command of a button."""
        self.close_connection = True
        name = self._allowed()
        if name is None:
            return
        length = self.headers.get("Content-Length", "")
        plain = self.headers.get("Content-Type") == "application/json"
        if name != "run" or not plain or not self.headers.get("Origin") or not length.isdigit():
            self._answer(HTTPStatus.FORBIDDEN)
            return
        try:
            wanted = json.loads(self.rfile.read(min(int(length), MOST_BODY)))
            status = self.runner.start(wanted.get("id") if isinstance(wanted, dict) else None)
        except ValueError:
            status = HTTPStatus.BAD_REQUEST
        self._answer(HTTPStatus(status))

    def _allowed(self) -> str | None:
        """Return the path below the token; None, and an answer, where this is not for the page.

        The Host header keeps away pages whose name was made to lead here, Origin other pages.
        """
        own = f"127.0.0.1:{self.connection.getsockname()[1]}"
        origin = self.headers.get("Origin")
        if self.headers.get("Host") != own or origin not in (None, f"http://{own}"):
            self._answer(HTTPStatus.FORBIDDEN)
            return None
        _, token, *rest = self.path.partition("?")[0].split("/", 2)
        if not rest or not hmac.compare_digest(token.encode(), self.token.encode()):
            self._answer(HTTPStatus.NOT_FOUND)
            return None
        return rest[0]

    def _answer(self, status: HTTPStatus, body: bytes = b"", kind: str = "text/plain") -> None:
        self._begin(status, kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _begin(self, status: HTTPStatus, kind: str) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Security-Policy", POLICY),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)

    def _stream(self) -> None:
        """Send events as they come, until the browser is gone."""
        self._begin(HTTPStatus.OK, "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with self.hub.viewer() as viewer:
            while True:
                try:
                    name, text = viewer.get(timeout=BEAT_SECONDS)
                    message = f"event: {name}\ndata: {text}\n\n"
                except queue.Empty:
                    message = ": still here\n\n"
                try:
                    self.wfile.write(message.encode())
                    self.wfile.flush()
                except OSError:
                    return

    def log_message(self, *_: object) -> None:
        """Print nothing: the address has the token."""
