"""Whether this process stood still: a busy machine, a laptop that slept, a stopped process."""

from __future__ import annotations

import threading
import time

BEAT = 0.1  # seconds between two looks at the clock
LATE = 0.4  # a look that comes so much later than it should has been kept from coming
MEMORY = 5.0  # seconds for which a stall matters: a request may have waited through it


class Stalls:
    """Looks at the clock from a thread of its own, and notes when a look came late."""

    def __init__(self) -> None:
        self.last, self.stalled = time.monotonic(), float("-inf")
        threading.Thread(target=self._run, daemon=True, name="stalls").start()

    def recent(self, now: float) -> bool:
        """Return whether the process stood still just before ``now``, or does so still."""
        return now - self.last > BEAT + LATE or now - self.stalled < MEMORY

    def _run(self) -> None:
        while True:
            time.sleep(BEAT)
            now = time.monotonic()
            if now - self.last > BEAT + LATE:
                self.stalled = now
            self.last = now
