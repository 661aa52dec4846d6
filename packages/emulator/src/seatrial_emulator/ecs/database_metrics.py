"""What CloudWatch shows of a database: connections and CPU (RDS user guide, "Amazon CloudWatch
metrics for Amazon RDS"). CPU is the part of this machine's, not of the instance class's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from seatrial_emulator.servers import process_tree
from seatrial_emulator.servers.base import EngineError
from seatrial_emulator.servers.rds import Databases

Point = tuple[str, str, float, str]  # instance, metric, value, unit


@dataclass
class DatabaseMeter:
    """Reads every server once a minute of AWS; a server that is busy or down sends nothing."""

    servers: Databases
    before: dict[str, tuple[float, float]] = field(default_factory=dict)  # when; CPU seconds

    def read(self) -> list[Point]:
        """Return the points of this minute; takes no lock, since MySQL is asked by SQL."""
        return [point for name in list(self.servers.sockets) for point in self._read(name)]

    def _read(self, name: str) -> Iterator[Point]:
        engine = self.servers.engines.get(name)
        if engine is None or engine.handle is None or name in self.servers.busy:
            return
        try:
            yield name, "DatabaseConnections", float(engine.connections()), "Count"
        except (EngineError, OSError):
            return
        now, (seconds, _) = time.monotonic(), process_tree.use(engine.handle.process.pid)
        at, had = self.before.get(name, (now, seconds))
        self.before[name] = now, seconds
        if now > at:
            share = max(0.0, seconds - had) / (now - at) / (os.cpu_count() or 1)
            yield name, "CPUUtilization", min(100 * share, 100.0), "Percent"
