"""Health checks: each target of each group is requested, and every result is reported."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import h11

from seatrial_emulator.network.http1 import Connection, ConnectionClosedError
from seatrial_emulator.network.routing import Group, Target, code_counts
from seatrial_emulator.network.task_dialer import Dialers

FLAPS = 4  # good answers, then as many bad ones, of a flapping health check
# Paths that programs answer health checks at; tried once where the configured one is refused.
USUAL_PATHS = ("/health", "/healthz", "/", "/api/health", "/docs")
Failure = Literal["", "refused", "closed", "code", "silent", "blocked"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One health check: ``why`` is the load balancer's own text, the rest says more.

    ``answers`` is a path at which the program does answer, or where it redirects to.
    """

    good: bool
    why: str = ""
    failure: Failure = ""
    status: int = 0
    answers: str = ""


Report = Callable[[str, Target, dict[str, Any]], None]
_TIMEOUT = "Request timed out"
_FAILED = "Health checks failed"


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
        before, bad, other = Result(good=True), 0, ""
        while True:
            group = self.groups[name]
            result = await self._check(group, target)
            bad = 0 if result.good else bad + 1
            if result.failure == "code" and before.failure != "code" and not result.answers:
                other = await self._other_path(group, target)
            row = asdict(result)
            self.report(name, target, row | {"answers": result.answers or other, "bad": bad})
            before = result
            # A new target is checked more often: only the rehearsal's waiting gets shorter by it.
            new = group.targets.get(target) == "initial"
            await asyncio.sleep(group.interval / 3 if new else group.interval)

    async def _check(self, group: Group, target: Target) -> Result:
        if target in group.blocked:
            return Result(good=False, why=_TIMEOUT, failure="blocked")
        if self._faulty(group.probes.get(target, ""), target):
            return _mismatch(503, "")
        try:
            status, location = await asyncio.wait_for(
                self._request(group.path, target), group.timeout
            )
        except TimeoutError:
            return Result(good=False, why=_TIMEOUT, failure="silent")
        except ConnectionRefusedError:
            return Result(good=False, why=_FAILED, failure="refused")
        except (OSError, ConnectionClosedError):
            return Result(good=False, why=_FAILED, failure="closed")
        if code_counts(group.codes, status):
            return Result(good=True)
        return _mismatch(status, location)

    def _faulty(self, fault: str, target: Target) -> bool:
        """Return whether a fault answers this health check with 503, instead of the task."""
        if not fault:
            return False
        attempts = self.attempts[target] = self.attempts.get(target, 0) + 1
        return fault == "failing" or (attempts - 1) % (2 * FLAPS) >= FLAPS

    async def _other_path(self, group: Group, target: Target) -> str:
        """Return a usual path at which the program answers as wanted; empty where none does."""
        for path in USUAL_PATHS:
            if path == group.path or target in group.blocked or group.probes.get(target):
                continue
            with contextlib.suppress(TimeoutError, OSError, ConnectionClosedError):
                status, _ = await asyncio.wait_for(self._request(path, target), group.timeout)
                if code_counts(group.codes, status):
                    return path
        return ""

    async def _request(self, path: str, target: Target) -> tuple[int, str]:
        """Return the status of an answer, and where it redirects to."""
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
            location = dict(event.headers).get(b"location", b"").decode("latin-1")
            return event.status_code, location
        finally:
            connection.close()


def _mismatch(status: int, location: str) -> Result:
    why = f"Health checks failed with these codes: [{status}]"
    return Result(good=False, why=why, failure="code", status=status, answers=location)
