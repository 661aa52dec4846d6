"""A service that may only read, beside one that owns: made, used, refused and rotated for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from helpers import Rehearsal, get, seatrial, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
APP = """
app: reads
region: us-east-1
services:
  owner: {build: ., command: sleep 1000, migrate: python migrate.py, uses: [db]}
  api: {build: ., command: python main.py, port: 8000, public: /, health: /health, uses: [db: read]}
databases: {db: {}}
"""
MIGRATE = """
from seatrial_runtime import database

with database.engine().begin() as connection:
    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS shop")
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS shop.orders AS SELECT 12 AS total")
"""
MAIN = """
import os

from fastapi import FastAPI
from seatrial_runtime import database, kit, serving

app = FastAPI()
kit.install(app)
engine = database.reader(isolation_level="AUTOCOMMIT")


@app.get("/run")
def run(sql: str):
    try:
        with engine.connect() as connection:
            return [list(map(str, row)) for row in connection.exec_driver_sql(sql)]
    except Exception as error:
        return str(error.__cause__ or error)


@app.get("/names")
def names():
    return [name for name in os.environ if name.startswith(("DB_", "DATABASE"))]


serving.serve(app)
"""


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Rehearse the two services."""
    folder = tmp_path_factory.mktemp("reads")
    files = {"seatrial.yml": APP, "main.py": MAIN, "migrate.py": MIGRATE}
    for name, text in (files | {"requirements.txt": "seatrial-runtime[app]\n"}).items():
        (folder / name).write_text(text)
    yield up(folder)
    seatrial("down", folder=folder)


def run(reads: Rehearsal, sql: str) -> object:
    """Return what a statement gives, or the database's error."""
    return json.loads(get(reads.address + f"/run?sql={quote(sql)}")[1])


def test_the_reader_reads_and_its_password_rotates(reads: Rehearsal):
    """It reads a table that a migration made after it, writes nothing, and reads on after rotation.

    The owner's variables are not in its environment.
    """
    assert run(reads, "SELECT total, current_user FROM shop.orders") == [["12", "app_reader"]]
    assert "read-only" in str(run(reads, "DELETE FROM shop.orders"))
    off = "SET default_transaction_read_only = off; COMMIT; DELETE FROM shop.orders"
    assert "permission denied" in str(run(reads, off))
    names = json.loads(get(reads.address + "/names")[1])
    assert names
    assert all(name.startswith("DB_READER_") for name in names)
    before = password(reads)
    seatrial("secret", "rotate", "db", folder=reads.folder)
    assert password(reads) != before
    assert run(reads, "SELECT total FROM shop.orders") == [["12"]]


def password(reads: Rehearsal) -> str:
    """Return the reader's password as its secret has it."""
    text = reads.client("secretsmanager").get_secret_value(SecretId="reads/dev/db/reader")
    return str(json.loads(text["SecretString"])["password"])
