"""Copies of a PostgreSQL server that is written to: a snapshot is one moment of its volume."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from seatrial_emulator.sandbox.namespaces import available
from seatrial_emulator.servers import process_tree
from seatrial_emulator.servers.postgres import PostgresServer, installed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def engine(tmp_path: Path):
    """Return a running server with a table."""
    made = PostgresServer(tmp_path / "db", installed()[0], available())
    made.start()
    made.provide("app_owner", "p", "app")
    made.sql("CREATE TABLE pairs (id serial, half int)", "app")
    yield made
    made.stop()


def test_a_copy_under_writes_is_one_moment(engine: PostgresServer, tmp_path: Path):
    """Every transaction writes two rows: in a server that starts from the copy there is no odd
    number of them, and the original goes on."""
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            engine.sql("INSERT INTO pairs (half) VALUES (1), (2)", "app")

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            engine.copy(tmp_path / f"copy-{number}")
    finally:
        ended.set()
        for writer in writers:
            writer.join()
    for number in range(3):
        copied = PostgresServer(tmp_path / f"copy-{number}", engine.binaries, engine.isolated)
        copied.start()
        count, ones = copied.sql(
            "SELECT count(*), count(*) FILTER (WHERE half = 1) FROM pairs", "app"
        ).split("|")
        assert int(count) == 2 * int(ones)
        copied.stop()
    assert int(engine.sql("SELECT count(*) FROM pairs", "app")) >= int(count)


def test_a_frozen_servers_first_process_goes_on(engine: PostgresServer):
    """While it is held the server does nothing, and ending it still ends it: nothing is left."""
    assert engine.handle
    with process_tree.frozen(engine.handle.process.pid, "postgres"):
        tree = process_tree.tree(engine.handle.process.pid)
        states = {p.status() for p in tree if p.name() == "postgres"}
        parents = [p for p in tree if p.name() != "postgres"]
        assert states - {psutil.STATUS_ZOMBIE} == {psutil.STATUS_STOPPED}  # nobody reaps meanwhile
        assert parents
        assert psutil.STATUS_STOPPED not in {p.status() for p in parents}
        engine.kill()
        assert engine.ended.wait(10)
        engine.handle.process.wait(10)
    _, alive = psutil.wait_procs(tree, timeout=10)
    assert alive == []


def test_fingerprints_tell_rows_apart_and_tables_can_be_lost(engine: PostgresServer):
    """Equal rows in another order have one fingerprint; another row has another; dropped tables
    are gone."""
    engine.sql("CREATE TABLE a (x int); INSERT INTO a VALUES (1), (2)", "app")
    engine.sql("CREATE TABLE b (x int); INSERT INTO b VALUES (2), (1)", "app")
    found = engine.fingerprint("app")
    assert found["public.a"] == found["public.b"]
    engine.sql("UPDATE b SET x = 3 WHERE x = 2", "app")
    assert engine.fingerprint("app")["public.b"] != found["public.b"]
    assert engine.drop_tables("app") == ["public.a", "public.b", "public.pairs"]
    assert engine.fingerprint("app") == {}


def test_a_server_goes_back_to_a_moment(engine: PostgresServer, tmp_path: Path):
    """What was committed before the moment is there, what came later is not, and the original has
    both; the other server takes writes.
    """
    engine.keep_history()
    engine.sql("INSERT INTO pairs (half) VALUES (1)", "app")
    time.sleep(0.05)
    moment = datetime.now(UTC)
    time.sleep(0.05)
    engine.sql("INSERT INTO pairs (half) VALUES (2); DELETE FROM pairs WHERE half = 1", "app")
    made = engine.go_back(tmp_path / "back", moment)
    try:
        assert made.sql("SELECT half FROM pairs", "app") == "1"
        made.sql("INSERT INTO pairs (half) VALUES (3)", "app")
        assert engine.sql("SELECT half FROM pairs", "app") == "2"
        made.stop()
        made.start()
        assert made.sql("SELECT count(*) FROM pairs", "app") == "2"
    finally:
        made.stop()
