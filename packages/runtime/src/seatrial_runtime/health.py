"""``/health`` for the balancer, ``/health?detailed=true`` for people.

    from seatrial_runtime import health
    app.include_router(health.router(window, {"database": ping}))

The short answer says only that this process serves: were it to fail with the database, a short
outage there would make the balancer end every task. The long one runs the checks (each a function
that raises) and is 200 as well, with ``status: degraded``. Needs ``fastapi``.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from seatrial_runtime import contract
from seatrial_runtime.metrics import Summary, Window

if TYPE_CHECKING:
    from fastapi import APIRouter

Check = Callable[[], object]
CHECK_SECONDS = 3.0
REMEMBERED_SECONDS = 2.0  # a page that is asked often does not ask the database as often


class Health:
    """What a process knows about itself."""

    def __init__(self, window: Window, checks: Mapping[str, Check]) -> None:
        self.window, self.checks = window, dict(checks)
        self._pool = ThreadPoolExecutor(max(1, len(self.checks)), "health")
        self._lock = threading.Lock()
        self._seen: tuple[float, dict[str, dict[str, Any]]] = (0.0, {})
        self._cpu = (time.monotonic(), time.process_time())

    def detailed(self, minutes: int = 60) -> dict[str, Any]:
        """Return the long answer over the last minutes."""
        found = self.checked()
        ok = all(row["status"] == "ok" for row in found.values())
        return {
            "status": "ok" if ok else "degraded",
            "app": contract.platform(os.environ, "APP"),
            "release": contract.platform(os.environ, "RELEASE"),
            "uptime_seconds": round(time.time() - self.window.started),
            "window_minutes": minutes,
            **numbers(self.window.summary(minutes)),
            "system": self.system(),
            "checks": found,
        }

    def checked(self) -> dict[str, dict[str, Any]]:
        """Run every check side by side, or return what was found a moment ago."""
        with self._lock:
            at, found = self._seen
            if time.monotonic() - at > REMEMBERED_SECONDS:
                running = {n: self._pool.submit(_run, c) for n, c in self.checks.items()}
                found = {name: _within(future) for name, future in running.items()}
                self._seen = (time.monotonic(), found)
            return found

    def system(self) -> dict[str, float]:
        """Return this process's use of CPU since the last question, and its memory."""
        before, now = self._cpu, (time.monotonic(), time.process_time())
        if now[0] - before[0] > 1:
            self._cpu = now
        passed = max(now[0] - before[0], 0.001)
        return {
            "cpu_percent": round(100 * (now[1] - before[1]) / passed, 1),
            "memory_mb": round(memory() / 1e6, 1),
        }


def _run(check: Check) -> dict[str, Any]:
    begun = time.perf_counter()
    try:
        check()
    except Exception as error:  # a check may raise anything; its name is enough
        return {"status": "failing", "error": type(error).__name__}
    return {"status": "ok", "seconds": round(time.perf_counter() - begun, 6)}


def _within(future: Any) -> dict[str, Any]:
    try:
        found: dict[str, Any] = future.result(CHECK_SECONDS)
    except TimeoutError:
        return {"status": "failing", "error": f"no answer within {CHECK_SECONDS:.0f} s"}
    return found


def numbers(summary: Summary) -> dict[str, Any]:
    """Return a summary as the long answer has it."""
    return {
        "requests": {
            "total": summary.total,
            "successful": summary.total - summary.failed - summary.refused,
            "refused": summary.refused,
            "failed": summary.failed,
            "error_rate_percent": summary.error_rate,
        },
        "response_seconds": {
            "average": summary.average and round(summary.average, 6),
            "p95": summary.p95,
            "p99": summary.p99,
        },
        "top_endpoints": [{"endpoint": name, "requests": n} for name, n in summary.top],
    }


def memory() -> int:
    """Return the resident memory of this process in bytes; on macOS, its highest so far."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def router(window: Window, checks: Mapping[str, Check] | None = None) -> APIRouter:
    """Return the route."""
    from fastapi import APIRouter

    health, made = Health(window, checks or {}), APIRouter(tags=["health"])

    # Not in a thread: under load the balancer's question would wait behind all others, and a task
    # that is merely busy would be ended as unhealthy.
    @made.get(contract.HEALTH)
    async def health_(*, detailed: bool = False) -> dict[str, Any]:
        """Say that this process serves; with `detailed`, how it has been."""
        return await asyncio.to_thread(health.detailed) if detailed else {"status": "ok"}

    return made
