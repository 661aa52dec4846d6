"""The daemon's end of the socket to the network process, which is started again when it ends."""

from __future__ import annotations

import array
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seatrial_emulator.network.sent_messages import Message, SentMessages

LARGEST = 100_000  # bytes of one message; more goes through a file
RESTART_SECONDS = 0.2  # between two starts: a process that ends at once must not take the machine
OnReport = Callable[[dict[str, Any]], None]


class NetworkClient:
    """Starts the network process and exchanges messages with it; it ends with this process.

    When it dies it is started again and sent everything that still holds: the same sockets listen,
    so that clients and tasks keep their addresses.
    """

    def __init__(
        self,
        folder: Path,
        on_report: OnReport,
        on_restart: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder, self.on_report, self.on_restart = folder, on_report, on_restart
        self.lock = threading.Lock()
        self.sent = SentMessages()
        self.closed, self.starts = False, 1
        self.socket, self.process = _start(folder)
        threading.Thread(target=self._run, daemon=True, name="network").start()

    def send(self, op: str, fds: tuple[int, ...] = (), **body: Any) -> None:
        """Send one message, and descriptors with it; descriptors stay open here."""
        with self.lock:
            self.sent.remember(op, fds, body)
            self._transmit(Message(op, fds, body))

    def _transmit(self, message: Message) -> None:
        data = json.dumps({"op": message.op, **message.body}).encode()
        if len(data) > LARGEST:
            path = self.folder / f"message-{threading.get_ident()}.json"
            path.touch(mode=0o600)  # credentials of tasks are in it
            path.write_bytes(data)
            data = json.dumps({"file": str(path)}).encode()
        packed = array.array("i", message.fds)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)] if message.fds else []
        try:
            self.socket.sendmsg([data], rights)
        except OSError:
            return  # it has ended: the next one is sent what holds then

    def _run(self) -> None:
        while not self.closed:
            self._listen(self.socket)
            if self.closed:
                return
            code = self.process.wait()
            time.sleep(RESTART_SECONDS)
            self._restart()
            self.starts += 1
            again = f", {self.starts - 1} times by now" if self.starts > 2 else ""
            ending = _ending(code)
            self.on_restart(f"the network process ended ({ending}) and was started again{again}")

    def _restart(self) -> None:
        with self.lock:
            if self.closed:
                return
            self.socket.close()
            self.socket, self.process = _start(self.folder)
            for message in self.sent.all():
                self._transmit(message)

    def _listen(self, connection: socket.socket) -> None:
        """Pass reports on until the process has ended."""
        while True:
            try:
                data = connection.recv(65_536)
            except OSError:
                return
            if not data:
                return
            self.on_report(json.loads(data))

    def close(self) -> None:
        """End the network process."""
        with self.lock:
            self.closed = True
            self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
            self.sent.close()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _start(folder: Path) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def arrange() -> None:
        os.dup2(theirs.fileno(), 23)
        os.dup2(23, 3)

    process = subprocess.Popen(
        [sys.executable, "-m", "seatrial_emulator.network.main"],
        stdin=subprocess.DEVNULL,
        preexec_fn=arrange,
        pass_fds=(3,),
        cwd=folder,
        start_new_session=True,
    )
    theirs.close()
    return ours, process


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
