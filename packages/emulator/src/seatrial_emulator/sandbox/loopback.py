"""The loopback sandbox: no namespaces; every task gets a free port of this machine.

For macOS, and where namespaces are refused. The container port is replaced in PORT and in command
words that are the port or end in ``:port`` or ``=port``; names of destinations are replaced by
127.0.0.1 and a port of ours. Isolation between tasks is not rehearsed.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

from seatrial_emulator.sandbox.base import Egress, Ended, Opened, TaskHandle, TaskSpec, spawn


class Loopback:
    """Starts tasks side by side on 127.0.0.1."""

    description = "loopback (tasks share this machine's network; isolation is not rehearsed)"
    not_shown = (
        "isolation of tasks (loopback sandbox): each runs as you, reads your files and the other "
        "tasks' credentials, and reaches whatever this machine reaches",
        "ports below 1024 (loopback sandbox)",
    )

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, spec: TaskSpec, opened: Opened, ended: Ended) -> TaskHandle:
        """Start a task; raises OSError for a container, which needs a network of its own."""
        if spec.container is not None:
            raise OSError("CannotStartContainerError: containers need namespaces (Linux)")
        ports = {port: _free_port() for port in spec.ports}
        servers = {egress: socket.create_server(("127.0.0.1", 0)) for egress in spec.egresses}
        places = {egress: server.getsockname()[1] for egress, server in servers.items()}
        message = {
            "isolated": False,
            "uid": 0,
            "addresses": ["127.0.0.1"],
            "mounts": [],
            "egresses": [],
            "words": [_reported(word, ports) for word in spec.words],
            "environment": environment(spec.environment, ports, places),
            "folder": str(spec.folder),
        }
        egresses = {egress.key: egress for egress in spec.egresses}
        handle = spawn(
            message, task=spec.task, opened=opened, ended=ended, egresses=egresses, ports=ports
        )
        for egress, server in servers.items():
            opened(spec.task, egress, os.dup(server.fileno()))
            server.close()
        return handle

    def add(self, handle: TaskHandle, egress: Egress) -> bool:  # noqa: ARG002
        """A running program cannot learn another port: its task must start anew."""
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _reported(word: str, ports: dict[int, int]) -> str:
    for wanted, actual in ports.items():
        word = re.sub(rf"(^|[:=]){wanted}$", rf"\g<1>{actual}", word)
    return word


def environment(
    given: dict[str, str], ports: dict[int, int], places: dict[Egress, int]
) -> dict[str, str]:
    """Return the variables with ports and names as they are on this machine."""
    found = dict(given)
    for wanted, actual in ports.items():
        if found.get("PORT") == str(wanted):
            found["PORT"] = str(actual)
    for egress, port in places.items():
        near = f"127.0.0.1:{port}"
        found = {k: v.replace(f"{egress.host}:{egress.port}", near) for k, v in found.items()}
        for name in [name for name, value in found.items() if value == egress.host]:
            found[name] = "127.0.0.1"
            paired = f"{name.removesuffix('HOST')}PORT"
            if found.get(paired) == str(egress.port):
                found[paired] = str(port)
    return found
