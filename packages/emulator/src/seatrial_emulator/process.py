"""Starting, finding and ending the emulator's process; every trace of it lies in one folder.

Both ``python -m seatrial_emulator`` and Seatrial start it here. It ends when its standard input is
closed, so that nothing is left of it when the command that started it ends, however that ends.
"""

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
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

DEFAULT_ACCOUNT = "123456789012"
START_SECONDS = 30.0
DAEMON = "seatrial_emulator.daemon"
DESCRIPTION, KEYS, CONTROL, LOG = "rehearsal.json", "keys.json", "control.sock", "emulator.log"
FIRST_PORT, PORTS = 20_000, 10_000
# A model server's address, its key, and the name of its model, where it serves several.
MODEL_URL, MODEL_KEY, MODEL_NAME = "SEATRIAL_MODEL_URL", "SEATRIAL_MODEL_KEY", "SEATRIAL_MODEL"


class NotStartedError(Exception):
    """The emulator's process ended before it was ready; the text is the end of its log."""


class NoPortError(Exception):
    """No two ports are free where the emulator looks for them."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the emulator is started with.

    ``pace`` is how many times shorter AWS's waits are; ports of 0 are chosen. ``programs`` maps an
    image's name, without tag and digest, to a folder of this machine that stands for the image.
    Bedrock's models are answered by the server at ``model_url`` (OpenAI's API), else by the script
    at ``model_script``, else by nobody. The server's key is read from ``MODEL_KEY`` in the
    environment, so that it stands in no file.
    """

    folder: str
    account: str = DEFAULT_ACCOUNT
    region: str = "us-east-1"
    endpoint_port: int = 0
    front_port: int = 0
    pace: float = 10.0
    faults: tuple[str, ...] = ()
    engine: str = "process"
    programs: dict[str, str] = field(default_factory=dict)
    model_url: str = ""
    model_name: str = ""
    model_script: str = ""


@dataclass(frozen=True, kw_only=True)
class RunningEmulator:
    """An emulator that runs.

    ``endpoint`` answers AWS's API; ``front`` is where load balancers and distributions answer.
    """

    folder: Path
    pid: int
    account: str
    region: str
    endpoint: str
    front: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    pace: float
    engine: str
    sandbox: str
    models: str  # what stands behind Bedrock's models, in words
    not_shown: tuple[str, ...]

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment that leads AWS clients to the emulator."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }

    def call(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a command over the control socket and return its reply; raises OSError."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(10)
            with _short(self.folder / CONTROL) as path:
                connection.connect(path)
            connection.sendall(json.dumps({"do": command, **arguments}).encode() + b"\n")
            reply: dict[str, Any] = json.loads(connection.makefile("rb").readline())
            return reply


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """Give a socket a path under 108 bytes, wherever the folder lies."""
    if len(str(path)) < 100:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def find(folder: Path) -> RunningEmulator | None:
    """Return the emulator that runs in a folder, or None."""
    try:
        row = json.loads((folder / DESCRIPTION).read_text())
        keys = json.loads((folder / KEYS).read_text())
        os.kill(row["pid"], 0)
        found = RunningEmulator(
            folder=folder,
            pid=row["pid"],
            account=row["account"],
            region=row["region"],
            endpoint=f"http://127.0.0.1:{row['endpoint_port']}",
            front=f"http://127.0.0.1:{row['front_port']}",
            access_key=keys["access_key"],
            secret_key=keys["secret_key"],
            pace=float(row["pace"]),
            engine=row["engine"],
            sandbox=row["sandbox"],
            models=row["models"],
            not_shown=tuple(row["not_shown"]),
        )
    except (OSError, ValueError, KeyError):
        return None
    return found if _is_daemon(found.pid) else None


def _is_daemon(pid: int) -> bool:
    """A process number may be another program's by now."""
    try:
        return DAEMON.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return not Path("/proc/self").exists()


def start(settings: Settings) -> tuple[RunningEmulator, subprocess.Popen[bytes]]:
    """Start an emulator and wait until it serves; it ends when its standard input is closed.

    Raises NotStartedError and NoPortError.
    """
    folder = Path(settings.folder)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # rows, objects and keys are in it
    tidy(folder)
    for name in ("settings.json", LOG):
        (folder / name).touch(mode=0o600)
    file = folder / "settings.json"
    file.write_text(json.dumps(asdict(settings) | _ports(settings, folder)))
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", DAEMON, str(file)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        if running := _ready(process, folder):
            return running, process
    except BaseException:  # Ctrl-C meanwhile: nothing may be left
        end(process, folder)
        raise
    process.kill()
    output = (folder / LOG).read_text(errors="replace").strip().splitlines()[-8:]
    raise NotStartedError("\n".join(output))


def _ready(process: subprocess.Popen[bytes], folder: Path) -> RunningEmulator | None:
    """Wait until an emulator serves; None where it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if (running := find(folder)) and running.pid == process.pid:
            return running
        time.sleep(0.03)
    return None


def _ports(settings: Settings, folder: Path) -> dict[str, int]:
    """Return the ports to listen on: those that were set, else two free ones of the folder's."""
    endpoint, front = settings.endpoint_port, settings.front_port
    if not (endpoint and front):
        free = _free_ports(folder)
        front, endpoint = front or free[0], endpoint or free[1]
    return {"endpoint_port": endpoint, "front_port": front}


def _free_ports(folder: Path) -> list[int]:
    """Return two free ports, from the folder's hash, so that addresses stay the same."""
    digest = hashlib.sha256(str(folder).encode()).digest()
    first = FIRST_PORT + int.from_bytes(digest[:4], "big") % PORTS
    found = []
    for port in range(first, first + 1000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == 2:
            return found
    raise NoPortError(f"no two ports are free from {first} to {first + 999}")


def end(process: subprocess.Popen[bytes], folder: Path, *, timeout: float = 20) -> None:
    """End an emulator that this process started, and remove what only a running one needs."""
    if process.stdin:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    tidy(folder)


def stop(running: RunningEmulator, *, timeout: float = 20) -> None:
    """End an emulator that another process started, and wait until it is gone."""
    with contextlib.suppress(OSError, ValueError):
        running.call("stop")
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and alive(running.pid):
        time.sleep(0.05)
    if alive(running.pid):
        os.kill(running.pid, signal.SIGKILL)
    tidy(running.folder)


def alive(pid: int) -> bool:
    """Return whether a process runs: one that ended and was not waited for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def tidy(folder: Path) -> None:
    """Remove what an emulator left that could not clean up after itself; data stays."""
    for name in (DESCRIPTION, KEYS, CONTROL):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "tasks", ignore_errors=True)


def forget_data(folder: Path) -> None:
    """Delete rows, objects, pushed images and generated secret values."""
    for name in ("databases", "objects", "layers"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "secrets.json").unlink(missing_ok=True)
