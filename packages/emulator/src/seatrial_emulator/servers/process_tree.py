"""Trees of processes: who belongs to a task or a server, what they use, and holding them still."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and everything it started, the first ones first; none where it has ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    return []


@contextlib.contextmanager
def frozen(pid: int, name: str) -> Iterator[None]:
    """Hold the programs of a name below a process still; their parent goes on, and would end them.

    Each one stops before its children are listed, so that it cannot start another meanwhile.
    """
    held: list[psutil.Process] = []
    try:
        for process in tree(pid) if pid else ():
            if _name(process) == name:
                _hold(process, held)
                break
        yield
    finally:
        for process in held:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


def _hold(process: psutil.Process, held: list[psutil.Process]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.suspend()
        held.append(process)
        for child in process.children():
            _hold(child, held)


def use(pid: int) -> tuple[float, int]:
    """Return the CPU seconds and the bytes of memory of a process and everything it started."""
    seconds, memory = 0.0, 0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            times = process.cpu_times()
            seconds += times.user + times.system
            memory += process.memory_info().rss
    return seconds, memory


def own(pid: int) -> int:
    """Return the bytes of a process and everything it started, shared pages counted once."""
    found = 0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            full = process.memory_full_info()
            found += int(getattr(full, "pss", full.uss))
    return found
