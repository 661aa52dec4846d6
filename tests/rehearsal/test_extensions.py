"""Extensions of PostgreSQL: created by their database's owner, or named before a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.model.app import App
from seatrial.rehearsal import extensions, requirements
from seatrial_emulator.sandbox.namespaces import available
from seatrial_emulator.servers import postgres
from seatrial_emulator.servers.postgres import Binaries, PostgresServer, installed

Make = Callable[..., App]
TEXT = """app: shop
region: us-east-1
services: {api: {build: ./api, command: run, uses: [db]}}
databases: {db: {version: 16}}
"""


@pytest.mark.timeout(120)
def test_an_owner_creates_what_rds_lets_one_create(tmp_path: Path):
    """`vector` is its authors' for superusers alone; RDS's owner may create it, and so may ours."""
    having = [b for b in installed() if "vector" in postgres.extensions(b)]
    server = PostgresServer(tmp_path / "db", having[0], available())
    server.start()
    try:
        server.provide("app_owner", "p", "app")
        text = "SET ROLE app_owner; CREATE EXTENSION vector; SELECT '[1,2]'::vector"
        assert server.sql(text, "app") == "[1,2]"
        assert server.sql("SELECT rolsuper FROM pg_roles WHERE rolname = 'app_owner'") == "f"
    finally:
        server.stop()


def test_extensions_that_this_machine_lacks_are_named(
    app: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """By SQL or Django's operations; those that are there are not named."""
    made = app(TEXT)
    (tmp_path / "api" / "0001.sql").write_text('CREATE EXTENSION IF NOT EXISTS "uuid-ossp";')
    code = "op.execute('create extension vector')\nHStoreExtension()\n"
    (tmp_path / "api" / "0002.py").write_text(code)
    assert extensions.created(tmp_path / "api") == {"uuid-ossp", "vector", "hstore"}
    monkeypatch.setattr(postgres, "installed", lambda: [Binaries(Path("/nowhere/bin"), 16)])
    monkeypatch.setattr(postgres, "extensions", lambda _: {"vector"})
    [said] = requirements.missing_extensions(made, tmp_path)
    assert "has no hstore, uuid-ossp" in said
    assert "postgresql-16" in said
    monkeypatch.setattr(postgres, "extensions", lambda _: {"vector", "hstore", "uuid-ossp"})
    assert list(requirements.missing_extensions(made, tmp_path)) == []
