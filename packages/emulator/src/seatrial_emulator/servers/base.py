"""A server behind a rehearsed service: started in a sandbox of its own, ended, copied.

As root it runs in a user namespace (or as ``nobody``), because database servers refuse root; no
user is ever created on the machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from seatrial_emulator.sandbox.base import TaskHandle, spawn
from seatrial_emulator.sandbox.namespaces import USER
from seatrial_emulator.servers.process_tree import frozen


def let_through(folder: Path) -> None:
    """Let every user pass a folder; what else its mode allows stays (it may be /tmp itself)."""
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o011)


class EngineError(Exception):
    """A server could not be made to run; the text is its own."""


class Server:
    """One server; subclasses define how it is initialised, started and queried."""

    program = ""  # the name of its process
    socket = ""  # its Unix socket, below the data folder
    ending = signal.SIGTERM  # the signal that shuts it down cleanly
    copied: tuple[str, ...] = ("data",)  # what a copy takes along

    def __init__(self, folder: Path, *, isolated: bool) -> None:
        self.folder, self.isolated = folder, isolated
        self.handle: TaskHandle | None = None
        self.serving = False
        self.output: list[str] = []
        self.tell: Callable[[str], None] = lambda _: None  # gets every line of its log
        self.ended = threading.Event()

    @property
    def data(self) -> Path:
        """Return the data folder, which also holds the socket."""
        return self.folder / "data"

    @property
    def dead(self) -> bool:
        """Return whether the server ended without being stopped."""
        return self.handle is not None and self.ended.is_set()

    def kill(self) -> None:
        """End the server at once; what it had not written is lost, as with a lost host."""
        self.serving = False
        if self.handle:
            self.handle.end()

    def stop(self) -> None:
        """Shut the server down: no new connections, the others are ended, everything is written."""
        self.serving = False
        if self.handle is None:
            return
        self.handle.signal(self.ending)
        self.ended.wait(10)
        self.handle.end()
        self.handle.process.wait(5)
        self.handle = None

    def copy(self, into: Path) -> None:
        """Copy the data at one moment, as a snapshot of RDS's volume does.

        Every process of the server stands still meanwhile; a server that starts from the copy
        recovers from its log, as after a loss of power.
        """
        part = into.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        with frozen(self.handle.process.pid if self.handle else 0, self.program):
            for name in self.copied:
                subprocess.run(["cp", "-a", self.folder / name, part / name], check=True)
        part.rename(into)

    def failure(self, otherwise: str) -> EngineError:
        """Return an error with the last of what the server wrote."""
        return EngineError("\n".join(self.output[-5:]) or otherwise)

    def run(self, words: list[str]) -> TaskHandle:
        """Start a program in the sandbox."""
        self.ended.clear()
        passwd = self.folder / "passwd"
        passwd.write_text(f"{self.program}:x:{USER}:{USER}::/:/bin/false\n")
        spec = {
            "isolated": self.isolated,
            "uid": USER,
            "words": words,
            "folder": str(self.folder),
            "environment": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            "addresses": [],
            "egresses": [],
            "mounts": [[str(passwd), "/etc/passwd"]] if self.isolated else [],
        }
        if not self.isolated and os.geteuid() == 0:
            spec["drop"] = self._nobody()
        handle = spawn(
            spec,
            task=self.folder.name,
            opened=lambda *_: None,
            ended=self._ended,
            egresses={},
            ports={},
        )
        threading.Thread(target=self._read, args=(handle,), daemon=True).start()
        return handle

    def _nobody(self) -> list[int]:
        """Give the folder to ``nobody``; the folders above must let it through."""
        user = pwd.getpwnam("nobody")
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
        for above in self.folder.parents[:2]:
            let_through(above)
        return [user.pw_uid, user.pw_gid]

    def _ended(self, _task: str, _code: int | None, why: str) -> None:
        if why:
            self.output.append(why)
        self.ended.set()

    def _read(self, handle: TaskHandle) -> None:
        for line in handle.process.stdout or ():
            text = line.decode(errors="replace").rstrip()
            self.output.append(text)
            del self.output[:-200]
            self.tell(text)
