"""Namespaces of its own for every task (Linux; no root needed).

Programs run unmodified on their own port. A task reaches only what its security groups allow: for
each destination there is a listening socket inside the task's namespace, and a line in its
``/etc/hosts`` that gives the AWS name. Where no rule allows it, there is nothing to connect to.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from seatrial_emulator.sandbox import podman, private_paths
from seatrial_emulator.sandbox.base import (
    CREDENTIALS_HOST,
    Egress,
    Ended,
    Opened,
    TaskHandle,
    TaskSpec,
    spawn,
)

# A VPC's name server (VPC user guide, "Amazon DNS server"); nothing answers there in a rehearsal.
RESOLVER = "169.254.169.253"
USER = 10001  # the user of the task definitions
_TRY = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
uid = os.geteuid()
if libc.unshare(0x20000 | 0x10000000 | 0x20000000 | 0x40000000): sys.exit(1)
open('/proc/self/setgroups', 'w').write('deny')
open('/proc/self/uid_map', 'w').write(f'10001 {uid} 1')
pid = os.fork()
if pid: sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
sys.exit(1 if libc.mount(b'none', b'/', None, 16384 | (1 << 18), None) else 0)
"""


def available() -> bool:
    """Return whether this machine lets us make the namespaces."""
    if sys.platform != "linux":
        return False
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _TRY], check=False, capture_output=True
    )
    return done.returncode == 0


class Namespaces:
    """Starts tasks in namespaces."""

    description = "namespaces (each task isolated)"
    not_shown: tuple[str, ...] = ()

    def __init__(self, folder: Path, private: Path | None = None) -> None:
        self.folder, self.private = folder, private
        self.addresses: dict[str, str] = {}

    def start(self, spec: TaskSpec, opened: Opened, ended: Ended) -> TaskHandle:
        """Start a task; raises OSError where its namespaces cannot be made."""
        egresses = {egress.key: egress for egress in spec.egresses}
        hosts = self._hosts(spec)
        message: dict[str, Any] = {
            "isolated": True,
            "uid": USER,
            "words": list(spec.words),
            "environment": spec.environment,
            "folder": str(spec.folder),
            "addresses": [spec.address, CREDENTIALS_HOST],
            "mounts": [[str(hosts), "/etc/hosts"], *self._resolver()],
            "read_only": [os.path.realpath(folder) for folder in spec.read_only],
            "egresses": [[d.key, self.address(d.host), d.port] for d in spec.egresses],
        }
        if self.private:
            message["hidden"] = private_paths.hidden(self.private)
            message["shown"] = private_paths.shown(self.private, spec.folder, spec.environment)
        ports = {p: p for p in spec.ports}
        if spec.container is None:
            return spawn(
                message, task=spec.task, opened=opened, ended=ended, egresses=egresses, ports=ports
            )
        message |= podman.message(spec, spec.container, hosts)
        handle = spawn(
            message, task=spec.task, opened=opened, ended=ended, egresses=egresses, ports=ports
        )
        handle.pid_file = podman.first_process(hosts)
        return handle

    def add(self, handle: TaskHandle, egress: Egress) -> bool:
        """Open another egress of a running task; False where a task must start anew for it."""
        if egress.host not in self.addresses and not _literal(egress.host):
            return False
        handle.egresses[egress.key] = egress
        handle.send({"listen": [egress.key, self.address(egress.host), egress.port]})
        return True

    def address(self, host: str) -> str:
        """Return the address inside tasks for a name: one of 127/8, the same everywhere."""
        if _literal(host):
            return host
        number = len(self.addresses) + 1
        return self.addresses.setdefault(host, f"127.64.{number >> 8}.{number & 255}")

    def _resolver(self) -> list[list[str]]:
        """Give tasks the VPC's name server instead of this machine's, if it has a file for it."""
        target = os.path.realpath("/etc/resolv.conf")
        if not os.path.isfile(target):
            return []
        file = self.folder / "resolv.conf"
        file.write_text(f"nameserver {RESOLVER}\n")
        file.chmod(0o644)
        return [[str(file), target]]

    def _hosts(self, spec: TaskSpec) -> Path:
        lines = ["127.0.0.1 localhost", f"{spec.address} {spec.task.rsplit('/', 1)[-1][:12]}"]
        lines += sorted(
            {f"{self.address(d.host)} {d.host}" for d in spec.egresses if not _literal(d.host)}
        )
        folder = self.folder / spec.task.rsplit("/", 1)[-1]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "hosts"
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o644)  # a container's user reads it as its /etc/hosts
        return path


def _literal(host: str) -> bool:
    return host.replace(".", "").isdigit()
