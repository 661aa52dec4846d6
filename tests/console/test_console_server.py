"""The page's server: who it answers, what it runs, and what a new viewer gets."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from helpers import eventually
from seatrial.console import server
from seatrial.console.actions import Action
from seatrial.console.hub import Hub


@pytest.fixture
def console(tmp_path: Path) -> Iterator[server.Console]:
    """Return a console of a project in which nothing runs."""
    made = server.start(tmp_path / "seatrial.yml", "dev", lambda: None)
    yield made
    made.close()


def ask(console: server.Console, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    """Return status and body of a request; a body is JSON's ``{"id": "seatrial faults"}``."""
    url = urlsplit(console.address)
    connection = http.client.HTTPConnection("127.0.0.1", url.port, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps({"id": "seatrial faults"}) if method == "POST" else None
    connection.request(method, path, body, given)
    answer = connection.getresponse()
    found = answer.read().decode()
    connection.close()
    return answer.status, found


def test_only_the_page_itself_is_answered(console: server.Console):
    """No token, another Host or Origin: nothing. Names that leave the folder are no files."""
    url = urlsplit(console.address)
    assert url.hostname == "127.0.0.1"
    own = f"http://127.0.0.1:{url.port}"
    assert ask(console, url.path)[0] == 200
    assert ask(console, f"{url.path}main.js", Origin=own)[0] == 200
    assert ask(console, "/")[0] == 404
    assert ask(console, "/wrong/")[0] == 404
    assert ask(console, f"{url.path[:-2]}/")[0] == 404
    assert ask(console, url.path, Host=f"evil.example:{url.port}")[0] == 403
    assert ask(console, url.path, Origin="http://evil.example")[0] == 403
    for name in ("../server.py", "..%2fserver.py", "nothing.js", "pages/main.js"):
        assert ask(console, f"{url.path}{name}")[0] == 404


def test_only_a_button_of_the_page_runs_a_command(console: server.Console):
    """A command that is offered, by JSON from the page itself; nothing else, and one at a time."""
    url = urlsplit(console.address)
    run, own = f"{url.path}run", f"http://127.0.0.1:{url.port}"
    good = {"Origin": own, "Content_Type": "application/json"}
    assert ask(console, run, "POST", **good)[0] == 403
    runner = console.reader.runner
    runner.offer([Action(label="Faults", words=("faults",))])
    assert ask(console, run, "POST", Content_Type="application/json")[0] == 403
    assert ask(console, run, "POST", Origin=own, Content_Type="text/plain")[0] == 403
    said: list[str] = []
    runner.say = lambda text, tone: said.append(text)
    assert ask(console, run, "POST", **good)[0] == 202
    assert ask(console, run, "POST", **good)[0] == 409
    eventually(lambda: said, lambda lines: bool(lines) and "exit code" in lines[-1])
    assert said[0] == "$ seatrial faults"


def test_no_page_has_a_script_or_a_secret_of_its_own(console: server.Console):
    """The policy allows files of this server alone, and the address stands in no file."""
    _, body = ask(console, urlsplit(console.address).path)
    assert "<script>" not in body
    assert "style=" not in body
    assert console.token not in body
    assert "default-src 'none'" in server.POLICY


def test_a_new_viewer_gets_what_is_shown_now():
    """The last of what is replaced, all of what was added; what did not change is sent once."""
    hub = Hub()
    hub.show("state", {"n": 1})
    hub.show("state", {"n": 2})
    hub.add("logs", ["a"])
    with hub.viewer() as viewer:
        hub.show("state", {"n": 2})
        hub.add("logs", ["b"])
        got = [viewer.get_nowait() for _ in range(viewer.qsize())]
    assert got == [("state", '{"n": 2}'), ("logs", '["a"]'), ("logs", '["b"]')]
    assert not hub.joined.is_set()
