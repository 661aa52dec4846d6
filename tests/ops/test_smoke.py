"""The smoke test: which answers are right, and which the balancer gives in a service's place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from seatrial.cloud import web
from seatrial.cloud.web import Answer
from seatrial.model.trial import Request
from seatrial.ops import smoke


@pytest.fixture
def address() -> Iterator[str]:
    """Return the address of a server whose paths are the statuses it answers with."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

        def do_GET(self) -> None:
            self.send_response(int(self.path.strip("/")))
            self.send_header("location", "/200")
            self.end_headers()
            self.wfile.write(b'{"status": "ok"}')

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [200, 204, 302, 403, 404, 503])
def test_an_answer_is_what_the_address_says(address: str, status: int):
    """Errors and redirects are answers; a redirect is not followed."""
    assert web.ask(f"{address}/{status}", "GET", {}).status == status


def test_no_answer_has_a_reason():
    """Nobody listens on port 1."""
    answer = web.ask("http://127.0.0.1:1/", "GET", {}, timeout=2)
    assert (answer.status, bool(answer.why)) == (0, True)


@pytest.mark.G52
@pytest.mark.parametrize(
    ("codes", "status", "right"),
    [
        ("200", 200, True),
        ("200", 404, False),
        ("200", 403, False),
        ("200-299", 204, True),
        ("200-299", 301, False),
        ("200,301-302", 302, True),
        ("200", 0, False),
    ],
)
def test_the_health_path_answers_with_its_own_codes(codes: str, status: int, right: bool):
    """A firewall's 403 and a missing route's 404 are not success where the check wants 200."""
    assert smoke._is_one(codes, Answer(status)) is right


@pytest.mark.parametrize(
    ("answer", "reached"),
    [
        (Answer(200), True),
        (Answer(401, "log in"), True),
        (Answer(404, '{"detail": "Not Found"}'), True),
        (Answer(404, "Not found"), False),
        (Answer(502), False),
        (Answer(0, "", "refused"), False),
    ],
)
def test_another_path_is_answered_by_the_service(answer: Answer, reached: bool):
    """Whatever the service says below 500, but not the balancer's page for no route."""
    assert smoke._is_reached(answer) is reached


def test_a_request_of_the_app_file_wants_its_status_and_text():
    """Both, or the release does not serve."""
    wanted = Request(path="/", status=200, contains="ok")
    assert smoke._is_expected(wanted, Answer(200, "all ok"))
    assert not smoke._is_expected(wanted, Answer(200, "down"))
    assert not smoke._is_expected(wanted, Answer(201, "ok"))
