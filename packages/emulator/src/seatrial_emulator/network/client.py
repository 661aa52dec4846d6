"""The daemon's end of the socket to the network process."""

from __future__ import annotations

import array
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

LARGEST = 100_000  # bytes of one message; more goes through a file
OnReport = Callable[[dict[str, Any]], None]


class NetworkClient:
    """Starts the network process and exchanges messages with it; it ends with this process."""

    def __init__(self, folder: Path, on_report: OnReport) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket, self.folder, self.on_report = ours, folder, on_report
        self.lock = threading.Lock()

        def arrange() -> None:
            os.dup2(theirs.fileno(), 23)
            os.dup2(23, 3)

        self.process = subprocess.Popen(
            [sys.executable, "-m", "seatrial_emulator.network.main"],
            stdin=subprocess.DEVNULL,
            preexec_fn=arrange,
            pass_fds=(3,),
            cwd=folder,
            start_new_session=True,
        )
        theirs.close()
        threading.Thread(target=self._listen, daemon=True, name="network").start()

    def send(self, op: str, fds: tuple[int, ...] = (), **body: Any) -> None:
        """Send one message, and descriptors with it; descriptors stay open here."""
        data = json.dumps({"op": op, **body}).encode()
        if len(data) > LARGEST:
            path = self.folder / f"message-{threading.get_ident()}.json"
            path.touch(mode=0o600)  # credentials of tasks are in it
            path.write_bytes(data)
            data = json.dumps({"file": str(path)}).encode()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        with self.lock:
            try:
                self.socket.sendmsg([data], rights)
            except OSError:
                return

    def _listen(self) -> None:
        while True:
            try:
                data = self.socket.recv(65_536)
            except OSError:
                return
            if not data:
                return
            row = json.loads(data)
            self.on_report(row)

    def close(self) -> None:
        """End the network process."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
