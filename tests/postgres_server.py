"""A PostgreSQL server of a test's own, on a Unix socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seatrial.resources import reader
from seatrial_emulator.servers.postgres import PostgresServer, installed, nearest


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """Run PostgreSQL on a socket."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    folder.chmod(0o755)
    binaries = nearest(16, installed())
    assert binaries
    engine = PostgresServer(folder / "s", binaries, isolated=False)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)


def make_reader(engine: PostgresServer, database: str, password: str) -> None:
    """Run what the task that makes the reader runs, as the owner `app_owner` (password `o`)."""
    own = {"PGHOST": str(engine.data), "PGUSER": "app_owner", "PGPASSWORD": "o"}
    path = f"{engine.binaries.folder}:{os.environ['PATH']}"
    own |= {"PGDATABASE": database, "READER_PASSWORD": password, "PATH": path}
    subprocess.run(reader.COMMAND, env=own, check=True, capture_output=True)
