"""Secrets that exist already, under names of one's own, and secrets inside a text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import Rehearsal, get, seatrial, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
APP = """
app: keeps
region: us-east-1
services:
  api:
    build: .
    command: python main.py
    port: 8000
    public: /
    uses: [stripe, dsn, db]
    env:
      DATABASE_URL: "postgresql+psycopg://${db.user}:${db.password}@${db.host}:${db.port}/${db.name}"
      DB_SSLMODE: verify-full
databases: {db: postgres}
secrets:
  stripe:
    arn: arn:aws:secretsmanager:us-east-1:111122223333:secret:team/stripe-a1B2c3
    keys: {api-key: STRIPE_KEY, hook: ""}
  dsn: {parameter: /keeps/dsn}
"""
MAIN = """
import json, os
import psycopg
from http.server import BaseHTTPRequestHandler, HTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        names = ("STRIPE_KEY", "STRIPE_HOOK", "DSN", "DATABASE_URL", "DB_SSLMODE")
        found = {name: os.environ.get(name) for name in names}
        url = found["DATABASE_URL"].replace("+psycopg", "") + "?sslmode=require"
        with psycopg.connect(url) as database:
            found["user"] = database.execute("select current_user").fetchone()[0]
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_):
        pass


HTTPServer(("", 8000), Page).serve_forever()
"""


@pytest.fixture(scope="module")
def keeps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Rehearse an app whose secrets exist already; one has a value for rehearsals."""
    folder = tmp_path_factory.mktemp("keeps")
    (folder / "seatrial.yml").write_text(APP)
    (folder / "main.py").write_text(MAIN)
    (folder / "requirements.txt").write_text("psycopg[binary]\n")
    set_(folder, "dsn", "https://one@sentry.example.com/1")
    yield up(folder)
    seatrial("down", folder=folder)


def set_(folder: Path, noun: str, value: str, *words: str) -> str:
    """Set a secret's value; return what was said."""
    done = seatrial("secret", "set", noun, *words, folder=folder, stdin=value)
    return done.stdout + done.stderr


def reported(keeps: Rehearsal) -> dict[str, str]:
    """Return what the program found in its environment, and who it is in the database."""
    found: dict[str, str] = json.loads(get(keeps.address)[1])
    return found


@pytest.mark.G31
@pytest.mark.G10
def test_values_arrive_under_their_names_and_change_with_a_restart(keeps: Rehearsal):
    """Both kinds are injected as ECS does it, a placeholder where no value was set; a value set
    since arrives with a restart, and the deploy has nothing left to do.
    """
    found = reported(keeps)
    assert (found.pop("DB_SSLMODE"), found.pop("user")) == ("verify-full", "app_owner")
    assert found.pop("DATABASE_URL").startswith("postgresql+psycopg://app_owner:")
    dummy = "rehearsal-placeholder-stripe"
    assert found == {
        "STRIPE_KEY": dummy,
        "STRIPE_HOOK": dummy,
        "DSN": "https://one@sentry.example.com/1",
    }
    assert "is set for rehearsals" in set_(keeps.folder, "dsn", "https://two@sentry.example.com/2")
    assert seatrial("restart", folder=keeps.folder).returncode == 0
    assert reported(keeps)["DSN"] == "https://two@sentry.example.com/2"
    planned = seatrial("plan", "--rehearsal", folder=keeps.folder)
    assert (planned.returncode, planned.stdout) == (0, "nothing would change\n")


def test_what_somebody_else_keeps_is_not_changed(keeps: Rehearsal):
    """`rotate` says where the value is kept instead of changing it; the list says `existing`."""
    done = seatrial("secret", "rotate", "dsn", "--rehearsal", folder=keeps.folder, stdin="x")
    assert done.returncode != 0
    assert "secret-existing" in done.stderr
    assert "/keeps/dsn" in done.stderr
    listed = seatrial("secret", "list", "--rehearsal", "--json", folder=keeps.folder)
    rows = {row["name"]: (row["kind"], row["set"]) for row in json.loads(listed.stdout)["secrets"]}
    assert rows == {"dsn": ("existing", True), "stripe": ("existing", False)}


@pytest.mark.G31
def test_a_text_with_a_password_inside_follows_its_rotation_and_its_template(keeps: Rehearsal):
    """The address is put together again when the password is rotated, and when the text is
    edited; either way the tasks are replaced, and log in with it.
    """
    before = reported(keeps)
    done = seatrial("secret", "rotate", "db", "--rehearsal", folder=keeps.folder)
    assert done.returncode == 0, done.stderr
    after = reported(keeps)
    assert after["user"] == "app_owner"
    assert after["DATABASE_URL"] != before["DATABASE_URL"]
    file = keeps.folder / "seatrial.yml"
    file.write_text(file.read_text().replace("postgresql+psycopg:", "postgresql:"))
    keeps.until_idle()
    assert reported(keeps)["DATABASE_URL"] == after["DATABASE_URL"].replace("+psycopg", "")
