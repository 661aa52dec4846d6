"""A PostgreSQL server of a test's own, on a Unix socket."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
