"""Requests counted: for Prometheus, and over the last hour for people.

    from seatrial_runtime import metrics
    window = metrics.Window()
    app.add_middleware(metrics.Measured, window=window)
    app.add_route("/metrics", metrics.page(window))

Routes are counted by their template (``/notes/{id}``), so that nobody can fill the memory with
paths. Times are kept as counts in fixed steps: they can be added over tasks. The page needs
``prometheus-client``; the rest is standard library.
"""

from __future__ import annotations

import bisect
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from seatrial_runtime.logs import Asgi, Receive, Scope, Send, is_health_check

# Upper ends of the steps in seconds: 1 ms to about nine minutes, each a quarter above the last.
STEPS = tuple(round(0.001 * 1.25**n, 6) for n in range(60))
HOUR = 60


@dataclass
class Minute:
    """What was answered in one minute."""

    minute: int  # minutes since 1970
    total: int = 0
    failed: int = 0  # status 500 and above
    refused: int = 0  # status 400 to 499
    seconds: float = 0.0  # the sum
    steps: Counter[int] = field(default_factory=Counter)  # by index into STEPS
    routes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Minute) -> None:
        """Add another's counts to this one."""
        self.total += other.total
        self.failed += other.failed
        self.refused += other.refused
        self.seconds += other.seconds
        self.steps.update(other.steps)
        self.routes.update(other.routes)


@dataclass(frozen=True)
class Summary:
    """A stretch of time in a few numbers; times in seconds, None where nothing was answered."""

    total: int
    failed: int
    refused: int
    average: float | None
    p95: float | None
    p99: float | None
    top: tuple[tuple[str, int], ...]

    @property
    def error_rate(self) -> float:
        """Return the failed part of all requests, in percent."""
        return round(100 * self.failed / self.total, 3) if self.total else 0.0


class Window:
    """The last hour of one process, by minute."""

    def __init__(self, minutes: int = HOUR) -> None:
        self._minutes: deque[Minute] = deque(maxlen=minutes + 1)
        self._lock = threading.Lock()
        self.started = time.time()
        self.total: Counter[tuple[str, str, int]] = Counter()  # by method, route, status
        self.all = Minute(0)

    def record(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        step = bisect.bisect_left(STEPS, seconds)
        one = Minute(
            int(time.time() // 60),
            1,
            failed=int(status >= 500),
            refused=int(400 <= status < 500),
            seconds=seconds,
            steps=Counter({step: 1}),
            routes=Counter({f"{method} {route}": 1}),
        )
        with self._lock:
            self.total[method, route, status] += 1
            self.all.add(one)
            if self._minutes and self._minutes[-1].minute == one.minute:
                self._minutes[-1].add(one)
            else:
                self._minutes.append(one)

    def minutes(self, since: int = 0) -> list[Minute]:
        """Return copies of the minutes from ``since`` (in minutes since 1970) on."""
        with self._lock:
            return [_copy(m) for m in self._minutes if m.minute >= since]

    def summary(self, minutes: int = HOUR) -> Summary:
        """Return the last minutes in a few numbers."""
        return summarise(self.minutes(int(time.time() // 60) - minutes + 1))


def _copy(minute: Minute) -> Minute:
    made = Minute(minute.minute)
    made.add(minute)
    return made


def summarise(minutes: Iterable[Minute]) -> Summary:
    """Return minutes, of one process or of many, in a few numbers."""
    whole = Minute(0)
    for minute in minutes:
        whole.add(minute)
    average = whole.seconds / whole.total if whole.total else None
    return Summary(
        whole.total,
        whole.failed,
        refused=whole.refused,
        average=average,
        p95=percentile(whole.steps, 0.95),
        p99=percentile(whole.steps, 0.99),
        top=tuple(whole.routes.most_common(10)),
    )


def percentile(steps: Counter[int], part: float) -> float | None:
    """Return the time that ``part`` of all answers kept: the upper end of its step, in seconds."""
    wanted, seen = part * steps.total(), 0
    for step in sorted(steps):
        seen += steps[step]
        if seen >= wanted and seen:
            return STEPS[min(step, len(STEPS) - 1)]
    return None


class Measured:
    """An ASGI middleware that counts every answer, from the request to its last byte.

    The load balancer's health checks are none of the app's traffic, and not counted.
    """

    def __init__(self, app: Asgi, *, window: Window) -> None:
        self.app, self.window = app, window

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or is_health_check(scope):
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def answer(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")
            self.window.record(scope["method"], route, status, time.perf_counter() - begun)


class _Collector:
    """The window's totals as Prometheus's metric families."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def collect(self) -> Iterable[Any]:
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily(
            "http_requests", "Answered requests.", labels=["method", "route", "status"]
        )
        for (method, route, status), count in list(self.window.total.items()):
            requests.add_metric([method, route, str(status)], count)
        times = HistogramMetricFamily("http_request_duration_seconds", "Time to the last byte.")
        seen, rows = 0, []
        for index, end in enumerate(STEPS):
            seen += self.window.all.steps[index]
            rows.append((str(end), seen))
        rows.append(("+Inf", self.window.all.total))
        times.add_metric([], rows, self.window.all.seconds)
        return (requests, times)


def page(window: Window) -> Any:
    """Return a Starlette endpoint in Prometheus's text format, the process's own numbers too."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.process_collector import ProcessCollector
    from starlette.requests import Request
    from starlette.responses import Response

    registry = CollectorRegistry()
    registry.register(_Collector(window))
    ProcessCollector(registry=registry)

    def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return metrics
