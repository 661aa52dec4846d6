"""Health checks: each target of each group is requested, and every result is reported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import h11

from seatrial_emulator.network.http1 import Connection, ConnectionClosedError
from seatrial_emulator.network.routing import Group, Target, code_counts
from seatrial_emulator.network.task_dialer import Dialers

FLAPS = 4  # good answers, then as many bad ones, of a flapping health check
Report = Callable[[str, Target, bool, str], None]


class HealthChecker:
    """One loop for each target of each group; loops end with their target."""

    def __init__(self, dialers: Dialers, report: Report) -> None:
        self.dialers = dialers
        self.report = report
        self.loops: dict[tuple[str, Target], asyncio.Task[None]] = {}
        self.groups: dict[str, Group] = {}
        self.attempts: dict[Target, int] = {}  # of targets whose health checks a fault answers

    def watch(self, groups: dict[str, Group]) -> None:
        """Check exactly these targets from now on."""
        self.groups = groups
        wanted = {(name, target) for name, group in groups.items() for target in group.targets}
        for key in [key for key in self.loops if key not in wanted]:
            self.loops.pop(key).cancel()
            self.attempts.pop(key[1], None)
        for key in wanted - self.loops.keys():
            self.loops[key] = asyncio.create_task(self._loop(*key))

    async def _loop(self, name: str, target: Target) -> None:
        while True:
            group = self.groups[name]
            good, why = await self._check(group, target)
            self.report(name, target, good, why)
            # A new target is checked more often: only the rehearsal's waiting gets shorter by it.
            new = group.targets.get(target) == "initial"
            await asyncio.sleep(group.interval / 3 if new else group.interval)

    async def _check(self, group: Group, target: Target) -> tuple[bool, str]:
        if target in group.blocked:
            return False, "Request timed out"
        if self._faulty(group.probes.get(target, ""), target):
            return False, "Health checks failed with these codes: [503]"
        try:
            status = await asyncio.wait_for(self._status(group.path, target), group.timeout)
        except TimeoutError:
            return False, "Request timed out"
        except (OSError, ConnectionClosedError):
            return False, "Health checks failed"
        if code_counts(group.codes, status):
            return True, ""
        return False, f"Health checks failed with these codes: [{status}]"

    def _faulty(self, fault: str, target: Target) -> bool:
        """Return whether a fault answers this health check with 503, instead of the task."""
        if not fault:
            return False
        attempts = self.attempts[target] = self.attempts.get(target, 0) + 1
        return fault == "failing" or (attempts - 1) % (2 * FLAPS) >= FLAPS

    async def _status(self, path: str, target: Target) -> int:
        connection = Connection(*await self.dialers.dial(*target), h11.CLIENT)
        try:
            host = f"{target[0]}:{target[1]}".encode()
            await connection.send(
                h11.Request(
                    method="GET",
                    target=path,
                    headers=[
                        (b"host", host),
                        (b"user-agent", b"ELB-HealthChecker/2.0"),
                        (b"connection", b"close"),
                    ],
                )
            )
            await connection.send(h11.EndOfMessage())
            while not isinstance(event := await connection.next(), h11.Response):
                pass
            return event.status_code
        finally:
            connection.close()
