"""Starting, finding and ending a rehearsal; all its files lie in one folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seatrial.engine.process import alive
from seatrial.errors import Problem, UserError
from seatrial.rehearsal import fidelity
from seatrial.target import Target

DEFAULT_ACCOUNT = "123456789012"
START_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Running:
    """A rehearsal that runs; ``isolation`` says how its tasks are separated."""

    folder: Path
    pid: int
    target: Target
    front_port: int
    isolation: str
    not_shown: tuple[str, ...]
    engine: str

    @property
    def address(self) -> str:
        """Return the app's base URL."""
        return f"http://127.0.0.1:{self.front_port}"

    def call(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a command to the emulator over its control socket and return its answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(10)
            with _short_path(self.folder / "control.sock") as path:
                connection.connect(path)
            connection.sendall(json.dumps({"do": command, **arguments}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(connection.makefile("rb").readline())
            return answer


@contextlib.contextmanager
def _short_path(path: Path) -> Any:
    """Give a socket a path under 108 bytes, wherever the project lies."""
    if len(str(path)) < 100:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def folder_of(project: Path, environment: str) -> Path:
    """Return the folder of an environment's rehearsal."""
    return project / ".seatrial" / environment


def find(project: Path, environment: str) -> Running | None:
    """Return the running rehearsal of an environment, or None."""
    return find_in(folder_of(project, environment), environment)


def find_in(folder: Path, environment: str) -> Running | None:
    """Return the rehearsal that runs in a folder, or None."""
    try:
        row = json.loads((folder / "rehearsal.json").read_text())
        keys = json.loads((folder / "keys.json").read_text())
        os.kill(row["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    if not _is_emulator(row["pid"]):
        return None
    target = Target(
        environment=environment,
        account=row["account"],
        region=row["region"],
        folder=folder / "terraform",
        endpoint=f"http://127.0.0.1:{row['endpoint_port']}",
        access_key=keys["access_key"],
        secret_key=keys["secret_key"],
        pace=float(row["pace"]),
        skip_unchanged=True,
        quick_provider=True,
        not_shown=(*row["not_shown"], *fidelity.not_shown(containers=row["engine"] != "process")),
        front=f"http://127.0.0.1:{row['front_port']}",
    )
    running = Running(
        folder=folder,
        pid=row["pid"],
        target=target,
        front_port=row["front_port"],
        isolation=row["wire"],
        not_shown=target.not_shown,
        engine=row["engine"],
    )
    with contextlib.suppress(OSError, ValueError):  # it may not listen yet: then it has no sites
        fronts = running.call("describe").get("fronts", {})
        return replace(running, target=replace(target, fronts=fronts))
    return running


def _is_emulator(pid: int) -> bool:
    """Return whether a process is an emulator: its number may have been reused since."""
    try:
        return b"seatrial_emulator.daemon" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return not Path("/proc/self").exists()


@dataclass(frozen=True, kw_only=True)
class StartOptions:
    """The options a rehearsal is started with."""

    folder: Path
    environment: str
    account: str | None
    region: str
    pace: float
    faults: tuple[str, ...] = ()
    engine: str = "process"


def start(options: StartOptions) -> tuple[Running, subprocess.Popen[bytes]]:
    """Start a rehearsal; it ends when the returned process's standard input is closed."""
    folder = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / ".gitignore").write_text("*\n")
    tidy(folder)
    endpoint, front = ports(folder)
    settings = {
        "folder": str(folder),
        "account": options.account or DEFAULT_ACCOUNT,
        "region": options.region,
        "endpoint_port": endpoint,
        "front_port": front,
        "pace": options.pace,
        "faults": list(options.faults),
        "engine": options.engine,
    }
    file = folder / "settings.json"
    file.write_text(json.dumps(settings))
    with (folder / "cloud.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "seatrial_emulator.daemon", str(file)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if (running := find_in(folder, options.environment)) and running.pid == process.pid:
            return running, process
        time.sleep(0.03)
    process.kill()
    last_lines = (folder / "cloud.log").read_text(errors="replace").strip().splitlines()[-8:]
    raise UserError(
        Problem(
            "rehearsal-start",
            "the emulator did not start:\n    " + "\n    ".join(last_lines),
            f"Read its output above; the whole log is {folder / 'cloud.log'}.",
        )
    )


def tidy(folder: Path) -> None:
    """Remove the files of a rehearsal that was killed; its data stays."""
    for name in ("rehearsal.json", "keys.json", "control.sock", "up.pid"):
        (folder / name).unlink(missing_ok=True)
    for name in ("tasks", "terraform"):
        shutil.rmtree(folder / name, ignore_errors=True)


def forget_data(project: Path, environment: str) -> None:
    """Delete rows, objects and generated secret values of an environment."""
    folder = folder_of(project, environment)
    for name in ("databases", "objects", "images", "layers", "snapshots"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "secrets.json").unlink(missing_ok=True)


def ports(folder: Path) -> tuple[int, int]:
    """Return two free ports, from the folder's hash, so that addresses stay the same."""
    start = (
        20_000 + int.from_bytes(hashlib.sha256(str(folder).encode()).digest()[:4], "big") % 10_000
    )
    found = []
    for port in range(start, start + 1000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == 2:
            return found[1], found[0]
    raise UserError(
        Problem(
            "rehearsal-ports",
            "no free port between 20000 and 31000",
            "End programs that listen on them.",
        )
    )


def stop(running: Running, *, timeout: float = 20) -> None:
    """End a rehearsal and wait until nothing of it runs."""
    watcher = 0
    with contextlib.suppress(OSError, ValueError):
        watcher = int((running.folder / "up.pid").read_text())
        os.kill(watcher, signal.SIGTERM)
    with contextlib.suppress(OSError, ValueError):
        running.call("stop")
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and (alive(running.pid) or (watcher and alive(watcher))):
        time.sleep(0.05)
    if alive(running.pid):
        os.kill(running.pid, signal.SIGKILL)
    tidy(running.folder)
