"""Child processes that cannot outlive us, and interruption in two steps."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from seatrial.errors import UserError

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK = 0.05  # seconds between two looks at what a program has written
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


def run(
    words: list[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    together: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return what it printed; ``together`` ends it with us.

    Raises UserError where it cannot be started.
    """
    try:
        return subprocess.run(
            words,
            cwd=folder,
            env=None if environment is None else dict(environment),
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            preexec_fn=dies_with_parent() if together else None,
        )
    except OSError as error:
        raise not_started(words[0], error) from error


def not_started(program: str, error: OSError) -> UserError:
    """Return the error of a program that the operating system did not start."""
    return UserError.of(
        "usage-program",
        f"could not start {program}: {error.strerror or error}",
        "Check that the program is installed and executable, then run the command again.",
    )


def start(
    words: list[str], folder: Path, environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a program in its own session, so that Ctrl-C reaches it through us only.

    It outlives us where we are killed: a Terraform that ends what it has begun and saves its state
    is worth more than one that ends at once. So its output goes into a file (a program that writes
    into a pipe dies with whoever reads it), and it gets what is inheritable: a provider's guard.
    """
    with log.open("wb") as output:
        try:
            return subprocess.Popen(
                words,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                close_fds=False,
            )
        except OSError as error:
            raise not_started(words[0], error) from error


def lines(
    process: subprocess.Popen[bytes], log: Path, on_interrupt: Callable[[], None] = lambda: None
) -> Iterator[str]:
    """Yield a program's output until it ends; ``on_interrupt`` is called at the first interruption.

    The first interruption waits for the program's end: Terraform's own clean stop cancels requests
    that AWS may already have obeyed. A second one asks it to stop, a third one kills it. The
    interruption is raised again after the program's end.
    """
    with _interruptions(process) as seen, log.open(encoding="utf-8", errors="replace") as output:
        over, reported, part = False, False, ""
        while not over:
            over = _ended(process)
            *whole, part = (part + output.read()).split("\n")
            yield from whole
            if seen and not reported:
                reported = True
                on_interrupt()
        if part:
            yield part
    if seen:
        raise KeyboardInterrupt


@contextmanager
def _interruptions(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """Collect the interruptions that come meanwhile, and pass the second and third on.

    A handler counts, instead of an exception that may come anywhere. Only the main thread gets
    signals; what is ignored stays so.
    """
    seen: list[int] = []

    def note(number: int, _: object) -> None:
        seen.append(number)
        if len(seen) > 1:
            process.send_signal(signal.SIGINT if len(seen) == 2 else signal.SIGKILL)

    before = {}
    if threading.current_thread() is threading.main_thread():
        known = {number: signal.getsignal(number) for number in _ENDINGS}
        before = {n: handler for n, handler in known.items() if callable(handler)}
    try:
        for number in before:
            signal.signal(number, note)
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Wait a moment for a program's end; what it wrote until then is in its file."""
    try:
        process.wait(LOOK)
    except subprocess.TimeoutExpired:
        return False
    return True


def alive(process: int) -> bool:
    """Return whether a process runs: one that ended and was not waited for yet does not."""
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def at_work(folder: Path) -> list[int]:
    """Return the programs that run inside a folder: what a killed command left behind."""
    found, inside = [], str(folder.absolute())
    for process in psutil.process_iter(["cwd", "cmdline"]):
        words = process.info["cmdline"] or [""]
        named = Path(words[0]).name in ("terraform", "tofu")
        if named and (process.info["cwd"] or "").startswith(inside):
            found.append(process.pid)
    return found
