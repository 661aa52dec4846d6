"""What both sandboxes share: the task that is started, and its first process."""

from __future__ import annotations

import array
import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INIT = Path(__file__).with_name("pid1.py")
# The address of the container credentials and metadata service on Fargate (ECS developer guide,
# "Task IAM role" and "Task metadata endpoint version 4").
CREDENTIALS_HOST = "169.254.170.2"


@dataclass(frozen=True)
class Egress:
    """A destination that a task may reach, under a name and a port."""

    key: str
    host: str
    port: int
    purpose: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ContainerSpec:
    """The container a task runs in: its image as podman pulls it, and its limits.

    ``memory`` is MiB, ``cpu`` 1024ths of a vCPU; ``scratch`` are paths that root alone can write.
    ``authorization`` is None for an image of another registry, whose entry point and
    volumes podman reads itself.
    """

    image: str
    authorization: Path | None
    user: str
    read_only: bool
    cpu: int
    memory: int
    scratch: tuple[str, ...] = ()
    entry: bool = False  # whether the task has an entry point of its own


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """A task to start: address in the VPC, command, environment; ``container`` if it has one.

    ``read_only`` are folders that its image would hold, where its root file system is read-only.
    """

    task: str
    address: str
    words: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    ports: tuple[int, ...]
    egresses: tuple[Egress, ...]
    container: ContainerSpec | None = None
    read_only: tuple[Path, ...] = ()


@dataclass(kw_only=True)
class TaskHandle:
    """A started task, as the daemon sees it."""

    task: str
    process: subprocess.Popen[bytes]
    control: socket.socket
    dialer: socket.socket
    ports: dict[int, int] = field(default_factory=dict)
    egresses: dict[str, Egress] = field(default_factory=dict)
    last: str = ""  # the last line of its output
    pid_file: Path | None = (
        None  # where podman wrote the container's first process, for a container
    )

    @property
    def root(self) -> int:
        """Return the process that everything of the task descends from; 0 before there is one."""
        if self.pid_file is None:
            return self.process.pid
        with contextlib.suppress(OSError, ValueError):
            return int(self.pid_file.read_text())
        return 0

    def signal(self, number: int) -> None:
        """Send the task's program a signal."""
        self.send({"signal": number})

    def end(self) -> None:
        """End the task and everything it started, at once."""
        with contextlib.suppress(OSError):
            self.control.shutdown(
                socket.SHUT_RDWR
            )  # close alone would wait for the listening thread
        self.control.close()

    def close(self) -> None:
        """End the task, wait for it, and close everything that belongs to it."""
        self.end()
        self.process.wait(5)
        self.dialer.close()
        if self.process.stdout:
            self.process.stdout.close()

    def send(self, message: dict[str, Any]) -> None:
        """Send the task's first process a message; one to a task that has ended is lost."""
        data = json.dumps(message).encode()
        try:
            self.control.sendall(struct.pack("!I", len(data)) + data)
        except OSError:
            return


UNUSED_DESCRIPTOR = 10  # above every descriptor that the first process is given
Opened = Callable[[str, Egress, int], None]
Ended = Callable[[str, int | None, str], None]


def spawn(
    message: dict[str, Any],
    *,
    task: str,
    opened: Opened,
    ended: Ended,
    egresses: dict[str, Egress],
    ports: dict[int, int],
) -> TaskHandle:
    """Start a task's first process and listen to it; its output comes from ``process.stdout``."""
    control, control_end = socket.socketpair()
    dialer, dial_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def arrange() -> None:
        # Both are moved to higher numbers first: either may be 3 or 4 already.
        control_high = fcntl.fcntl(control_end.fileno(), fcntl.F_DUPFD, UNUSED_DESCRIPTOR)
        dial_high = fcntl.fcntl(dial_end.fileno(), fcntl.F_DUPFD, UNUSED_DESCRIPTOR)
        os.dup2(control_high, 3)
        os.dup2(dial_high, 4)

    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(INIT)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=arrange,
        pass_fds=(3, 4),
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", "")},
    )
    control_end.close()
    dial_end.close()
    handle = TaskHandle(
        task=task, process=process, control=control, dialer=dialer, ports=ports, egresses=egresses
    )
    handle.send(message)
    threading.Thread(
        target=_listen, args=(handle, opened, ended), daemon=True, name=f"task {task[-8:]}"
    ).start()
    return handle


def _listen(handle: TaskHandle, opened: Opened, ended: Ended) -> None:
    reported = False
    while (message := _message(handle.control)) is not None:
        body, fds = message
        if "egress" in body and fds:
            opened(handle.task, handle.egresses[body["egress"]], fds[0])
        elif "exit" in body and not reported:
            reported = True
            ended(handle.task, int(body["exit"]), "")
        elif "failed" in body:
            reported = True
            ended(handle.task, None, str(body["failed"]))
    handle.process.wait()
    if not reported:
        ended(handle.task, 137, "")


def _message(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    fds = array.array("i")
    try:
        data, rights, _, _ = control.recvmsg(4, socket.CMSG_LEN(4 * fds.itemsize))
        for level, kind, packed in rights:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(packed[: len(packed) - len(packed) % fds.itemsize])
        while 0 < len(data) < 4:
            data += control.recv(4 - len(data))
        if not data:
            return None
        (length,) = struct.unpack("!I", data)
        body = b""
        while len(body) < length:
            block = control.recv(length - len(body))
            if not block:
                return None
            body += block
    except OSError:
        return None
    return json.loads(body), list(fds)
