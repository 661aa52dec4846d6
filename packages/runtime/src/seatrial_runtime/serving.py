"""Serve and stop as a balancer and ECS expect.

    from seatrial_runtime import serving
    serving.serve(app)                      # in a service's __main__
    stop = serving.stop()                   # in a worker
    while not stop.wait(1.0):
        work()

``serve`` needs ``uvicorn``; ``stop`` is standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
from typing import Any

# An idle connection must outlive the balancer's (60 s unless the app file says more; ELB user
# guide, "Connection idle timeout"), else it sends a request into a closing one: a 502.
KEEP_ALIVE_SECONDS = 75
# Under the app file's default `stop: 30 s`, after which ECS sends SIGKILL.
DRAIN_SECONDS = 25


def serve(app: Any, *, keep_alive: int = KEEP_ALIVE_SECONDS, drain: int = DRAIN_SECONDS) -> None:
    """Serve an ASGI app on PORT until SIGTERM; what is being answered then is answered."""
    import uvicorn

    _bound_memory()
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104 - the task's own interface; the security group decides
        port=int(os.environ.get("PORT", "8000")),
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=drain,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="*",
    )


def _bound_memory() -> None:
    """Let glibc give large buffers back, and share two heaps among all threads.

    By itself it keeps up to 32 MiB a buffer and eight heaps a core (mallopt(3), M_MMAP_THRESHOLD
    and M_ARENA_MAX): a task that streams gigabytes would keep hundreds of megabytes.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(-3, 1 << 20)
        library.mallopt(-8, 2)


def stop() -> threading.Event:
    """Return an event that is set by SIGTERM or Ctrl-C; call it in the main thread."""
    requested = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: requested.set())
    return requested
