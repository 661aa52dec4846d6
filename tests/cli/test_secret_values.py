"""Values from a file, the environment, and Vault."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from seatrial.cli import secret_values
from seatrial.errors import UsageError, UserError

STORED = {"API_KEY": "a", "limits": {"most": 3}}


class Vault(BaseHTTPRequestHandler):
    """KV version 2 in the shapes of Vault's HTTP API documentation ("KV secrets engine")."""

    def do_GET(self) -> None:
        status, body = 404, {"errors": []}
        if self.headers["X-Vault-Token"] != "good":
            status, body = 403, {"errors": ["permission denied"]}
        elif self.path == "/v1/kv/data/app/keys":
            metadata = {"version": 1, "deletion_time": "", "destroyed": False}
            status, body = 200, {"data": {"data": STORED, "metadata": metadata}}
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve a Vault of one secret, and name it as Vault's own variables do."""
    server = HTTPServer(("127.0.0.1", 0), Vault)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("VAULT_ADDR", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("VAULT_TOKEN", "good")
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.G31
def test_vault_secret_is_read_as_text(vault: None):
    """Every value of the secret's newest version; what is no text is JSON."""
    assert secret_values.read_vault("app/keys", "kv") == {"API_KEY": "a", "limits": '{"most": 3}'}


@pytest.mark.parametrize(("where", "token"), [("app/none", "good"), ("app/keys", "bad")])
def test_unreadable_vault_secret_is_an_error(
    vault: None, monkeypatch: pytest.MonkeyPatch, where: str, token: str
):
    """No such secret, or no permission: one error that says what to check."""
    monkeypatch.setenv("VAULT_TOKEN", token)
    with pytest.raises(UserError) as raised:
        secret_values.read_vault(where, "kv")
    assert raised.value.problems[0].code == "secret-vault"


def test_secrets_file_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`.env` as tools write it: quotes, comments, `export`; nothing in it is expanded."""
    file = tmp_path / ".env"
    file.write_text("# keys\nexport API_KEY='from # file'\nOTHER=\"a$HOME\"\nEMPTY=\n")
    monkeypatch.setenv("API_KEY", "from the environment")
    monkeypatch.setenv("THIRD", "there")
    source = secret_values.source(str(file))
    assert [source(noun) for noun in ("api-key", "other", "third", "empty")] == [
        "from # file", "a$HOME", "there", None
    ]  # fmt: skip


def test_unreadable_secrets_file_is_a_usage_error(tmp_path: Path):
    """A missing file, and one that is no text."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary"):
        with pytest.raises(UsageError):
            secret_values.source(str(tmp_path / name))
