"""Real Redis (or Valkey) behind each rehearsed cache; on a Unix socket, TLS ends before it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from seatrial_emulator.servers.base import Server

# `maxmemory-policy` of ElastiCache's default parameter groups (ElastiCache user guide, "Valkey and
# Redis OSS parameters").
SETTINGS = ("--port", "0", "--save", "", "--appendonly", "no", "--maxmemory-policy", "volatile-lru")
NAMES = ("valkey-server", "redis-server")


def installed() -> Path | None:
    """Return the machine's server; None where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = next((f for name in NAMES if (f := shutil.which(name, path=path))), None)
    return Path(found) if found else None


class RedisServer(Server):
    """One cache; nothing of it outlives its end."""

    socket = "redis.sock"

    def __init__(self, folder: Path, server: Path, *, isolated: bool) -> None:
        super().__init__(folder, isolated=isolated)
        self.server, self.program = server, server.name

    def start(self) -> None:
        """Start the server; raises EngineError."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        words = [str(self.server), *SETTINGS, "--dir", str(self.data), "--unixsocket", self.socket]
        self.handle = self.run(words)
        deadline = time.monotonic() + 10
        while not (self.data / self.socket).exists():
            if time.monotonic() > deadline or self.ended.is_set():
                raise self.failure(f"{self.program} does not start")
            time.sleep(0.02)
        self.serving = True
