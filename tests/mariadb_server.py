"""A MariaDB server of a test's own, on a Unix socket."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seatrial_emulator.sandbox.namespaces import available
from seatrial_emulator.servers.certificates import Authority
from seatrial_emulator.servers.mariadb import MariaDBServer, installed


@contextmanager
def mariadb() -> Iterator[MariaDBServer]:
    """Run MariaDB on a socket; its tests are marked ``packages("mariadb-server")``."""
    folder = Path(tempfile.mkdtemp(prefix="my", dir="/tmp"))
    folder.chmod(0o755)
    programs = installed()
    assert programs
    tls = Authority(folder).issue("server", ("localhost",))
    engine = MariaDBServer(folder / "s", programs, tls, isolated=available())
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)
