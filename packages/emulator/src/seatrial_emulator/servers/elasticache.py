"""ElastiCache's replication groups and the one server behind each."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seatrial_emulator.api.server import Emulator
from seatrial_emulator.servers import redis
from seatrial_emulator.servers.base import EngineError
from seatrial_emulator.servers.certificates import Authority


class Caches:
    """Runs a server for every group; it is ``creating`` until its server answers."""

    def __init__(
        self,
        emulator: Emulator,
        folder: Path,
        note: Callable[[str], None],
        authority: Authority,
        *,
        isolated: bool,
    ) -> None:
        self.emulator, self.folder, self.note, self.isolated = emulator, folder, note, isolated
        self.authority = authority
        self.engines: dict[str, redis.RedisServer] = {}
        self.busy: set[str] = set()

    @property
    def sockets(self) -> dict[str, str]:
        """Return the socket of every server that answers, relative to the rehearsal's folder."""
        return {
            name: f"caches/{name}/data/{engine.socket}"
            for name, engine in self.engines.items()
            if engine.serving
        }

    def reconcile(self) -> None:
        """Start and stop servers as the records require; never waits. Holds the lock."""
        groups = self.emulator.backend("elasticache").replication_groups
        for name, group in groups.items():
            engine = self.engines.get(name)
            if name not in self.busy and (engine is None or engine.dead):
                self.busy.add(name)
                if engine is not None:
                    self.note(f"cache {name}: its server ended and was started again")
                status = "creating" if engine is None else "modifying"
                self.emulator.state.replication_group(group.arn).status = status
                work = threading.Thread(target=self._start, args=(name, group), daemon=True)
                work.start()
        for name in self.engines.keys() - groups.keys() - self.busy:
            threading.Thread(target=self.engines.pop(name).stop, daemon=True).start()

    def stop(self) -> None:
        """End every server."""
        for engine in self.engines.values():
            engine.stop()

    def _start(self, name: str, group: Any) -> None:
        try:
            engine = self._started(name, group)
        except (EngineError, OSError) as error:
            self.note(f"cache {name}: {error}")
            print(f"cache {name}: {error}", file=sys.stderr, flush=True)
            status = "create-failed"  # and stays busy: it is not tried again
        else:
            self.engines[name], status = engine, ""
            self.busy.discard(name)
            if group.engine not in engine.program:
                self.note(f"cache {name}: {engine.program} stands for {group.engine}")
        with self.emulator.lock:
            self.emulator.state.replication_group(group.arn).status = status or None

    def _started(self, name: str, group: Any) -> redis.RedisServer:
        server = redis.installed()
        if server is None:
            raise EngineError("no Redis or Valkey is on this machine: install `redis-server`")
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        hosts = tuple(host for members in group.node_groups for host in endpoints(members))
        self.authority.issue(f"cache-{name}", hosts)
        engine = redis.RedisServer(self.folder / name, server, isolated=self.isolated)
        engine.start()
        return engine


def endpoints(members: dict[str, Any]) -> tuple[str, str]:
    """Return the host of the first node, and the one of whoever may be read."""
    return str(members["primary_endpoint_address"]), str(members["reader_endpoint_address"])
