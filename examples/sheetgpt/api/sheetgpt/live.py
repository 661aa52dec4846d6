"""Who watches a workbook, in this process; the database tells every process what happened.

PostgreSQL's NOTIFY reaches each process that listens once the transaction is committed, so what a
watcher hears of is there to be read.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import psycopg

from seatrial_runtime.database import Login

CHANNEL = "workbooks"
WAITING = 256  # events that a slow watcher may be behind before it has to read all anew
log = logging.getLogger("sheetgpt")
Event = dict[str, Any]


class Watchers:
    """The queues of those who watch, by workbook."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[int, set[Watcher]] = defaultdict(set)
        self._stop = threading.Event()

    @contextmanager
    def watching(self, workbook: int) -> Iterator[Watcher]:
        """Return a queue of a workbook's events; call it from the event loop."""
        made = Watcher(asyncio.get_running_loop())
        with self._lock:
            self._queues[workbook].add(made)
        try:
            yield made
        finally:
            with self._lock:
                self._queues[workbook].discard(made)

    def publish(self, workbook: int, event: Event) -> None:
        """Give an event to every watcher of a workbook."""
        with self._lock:
            found = list(self._queues.get(workbook, ()))
        for watcher in found:
            watcher.put(event)

    def stop_at_sigterm(self) -> None:
        """Stop as soon as ECS says so; call it in the main thread, within the event loop.

        A server that drains waits for open streams, and these have no end of their own.
        """
        loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

        def stop(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.stop)
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGTERM, stop)

    def stop(self) -> None:
        """End following, and every watcher's stream: a process that drains waits for them."""
        self._stop.set()
        with self._lock:
            everybody = [watcher for group in self._queues.values() for watcher in group]
        for watcher in everybody:
            watcher.put({"end": True})

    def follow(self) -> None:
        """Listen to the database until ``stop``; connect again when the connection ends."""
        while not self._stop.is_set():
            try:
                self._listen()
            except (psycopg.Error, OSError) as error:
                log.warning("listening again: %s", type(error).__name__)
                self._stop.wait(1)

    def _listen(self) -> None:
        with Login().connect() as connection:
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            self._everybody({"missed": True})  # between two connections nobody heard anything
            while not self._stop.is_set():
                for notice in connection.notifies(timeout=0.5):
                    found = json.loads(notice.payload)
                    self.publish(found.pop("workbook"), found)

    def _everybody(self, event: Event) -> None:
        with self._lock:
            workbooks = list(self._queues)
        for workbook in workbooks:
            self.publish(workbook, event)


class Watcher:
    """One stream's queue; it takes events from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[Event] = asyncio.Queue()

    def put(self, event: Event) -> None:
        """Add an event; one that is too far behind gets a single ``missed`` instead."""
        self._loop.call_soon_threadsafe(self._put, event)

    def _put(self, event: Event) -> None:
        if self._queue.qsize() >= WAITING:
            while not self._queue.empty():
                self._queue.get_nowait()
            event = {"missed": True}
        self._queue.put_nowait(event)

    async def next(self, seconds: float) -> Event | None:
        """Return the next event; None after so many seconds without one."""
        try:
            return await asyncio.wait_for(self._queue.get(), seconds)
        except TimeoutError:
            return None
