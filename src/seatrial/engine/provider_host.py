"""Start the process that stands between Terraform and the AWS provider, or do without it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from seatrial.engine import provider, quick_provider

SETTINGS = "provider.json"


def schemas() -> Path:
    """Return the folder that keeps trimmed schemas: inside our own installation."""
    return Path(sys.prefix) / "share" / "seatrial" / "schemas"


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
        row = json.loads(line)
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
