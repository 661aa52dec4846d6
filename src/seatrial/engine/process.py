"""Child processes that cannot outlive us, and interruption in two steps."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(sent: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """Return what a child runs first, so that it gets a signal when its parent is gone."""
    if _LIBC is None:
        return None
    parent = os.getpid()

    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return arrange


def start(
    words: list[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    stderr: int = subprocess.STDOUT,
) -> subprocess.Popen[str]:
    """Start a program in its own session, so that Ctrl-C reaches it through us only."""
    return subprocess.Popen(
        words,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        start_new_session=True,
        preexec_fn=dies_with_parent(),
        encoding="utf-8",
        errors="replace",
    )


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield a program's output until it ends.

    The first interruption is passed on, so that the program can finish what it does and save
    its state; a second one kills it. The interruption is raised again after the program's end.
    """
    interrupted: KeyboardInterrupt | None = None
    stdout = process.stdout
    if stdout is None:
        return
    while True:
        try:
            line = stdout.readline()
            if not line:
                process.wait()
                break
            yield line.rstrip("\n")
        except KeyboardInterrupt as error:
            process.send_signal(signal.SIGKILL if interrupted else signal.SIGINT)
            interrupted = error
    if interrupted:
        raise interrupted
