"""Start the process that stands between Terraform and the AWS provider, or do without it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from seatrial.engine import provider, quick_provider

SETTINGS = "provider.json"


def schemas() -> Path:
    """Return the folder that keeps trimmed schemas: inside our own installation."""
    return Path(sys.prefix) / "share" / "seatrial" / "schemas"


class OnDemand:
    """The provider behind the proxy, started when Terraform first needs it, or ahead of that."""

    def __init__(self, start: Callable[[], str | None]) -> None:
        self._start, self._pool = start, ThreadPoolExecutor(1)
        self._lock = threading.Lock()
        self._value: Future[str | None] | None = None

    def begin(self) -> None:
        """Start it in the background, unless that was done."""
        with self._lock:
            if self._value is None:
                self._value = self._pool.submit(self._start)

    def reattach(self) -> str | None:
        """Return Terraform's reattach value, or None where Terraform starts the provider itself."""
        self.begin()
        return self._value.result() if self._value else None

    def usable(self) -> bool:
        """Return whether nothing speaks against it: it was not started yet, or it runs."""
        if self._value is None or not self._value.done():
            return True
        value = None if self._value.exception() else self._value.result()
        return value is not None and quick_provider.alive(value)

    def close(self) -> None:
        """Wait for a start in progress; a later one is refused."""
        self._pool.shutdown(wait=True)


@contextmanager
def on_demand(
    environment: Mapping[str, str], folder: Path, shift: int, tell: Callable[[str], None]
) -> Iterator[OnDemand]:
    """Yield a provider that starts when it is needed; ``tell`` hears why one cannot."""
    with contextlib.ExitStack() as stack:

        def start() -> str | None:
            value, note = stack.enter_context(running(environment, folder, shift))
            if value is None:
                tell(note)
            return value

        found = OnDemand(start)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def running(
    environment: Mapping[str, str], folder: Path, shift: int = quick_provider.SHIFT
) -> Iterator[tuple[str | None, str]]:
    """Run the provider behind the proxy; yields Terraform's reattach value and a note.

    ``shift`` divides the provider's waits (see ``quick_provider``); 0 leaves it as it is. The
    value is None where Terraform must start the provider itself, and the note says why. The
    process outlives this one where Terraform does: it ends when both have closed its input.
    """
    program = provider.binary()
    if program is None:
        yield None, "stock provider: Terraform downloads it"
        return
    rows = {"program": str(program), "folder": str(folder), "shift": shift}
    file = folder / SETTINGS
    file.write_text(json.dumps({**rows, "schemas": str(schemas())}))
    with (folder / quick_provider.LAST_WORDS).open("wb") as words:
        host = subprocess.Popen(
            [sys.executable, "-m", "seatrial.engine.provider_proxy", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
            env={**environment, "GRPC_ENABLE_FORK_SUPPORT": "0", "GRPC_VERBOSITY": "NONE"},
            start_new_session=True,
        )
    try:
        if host.stdin:
            os.set_inheritable(host.stdin.fileno(), True)
        yield _attach(host)
    finally:
        _end(host)


def _attach(host: subprocess.Popen[str]) -> tuple[str | None, str]:
    note = "stock provider: its debug mode did not start"
    for line in host.stdout or ():
        try:
            row = dict(json.loads(line))
        except (ValueError, TypeError):  # a warning of a library: the proxy's own lines are objects
            continue
        note = str(row.get("note", note))
        if "reattach" in row:
            return str(row["reattach"]), note
    return None, note


def _end(host: subprocess.Popen[str]) -> None:
    for stream in (host.stdin, host.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        host.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(host.pid, signal.SIGKILL)
        host.wait()
