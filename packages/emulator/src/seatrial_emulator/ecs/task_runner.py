"""Programs of tasks: started in the sandbox, their output shipped to the log group."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seatrial_emulator.api import aws_messages
from seatrial_emulator.ecs.task_start import Image
from seatrial_emulator.ecs.types import Phase
from seatrial_emulator.faults.fault import Fault
from seatrial_emulator.network.client import NetworkClient
from seatrial_emulator.sandbox import podman
from seatrial_emulator.sandbox.base import Egress, TaskHandle, TaskSpec
from seatrial_emulator.sandbox.select import Sandbox

KILLED = 137  # the exit code of a program that got SIGKILL
LONGEST_LINE = 262_000  # CloudWatch Logs takes 256 KB an event
Ship = Callable[[str, str, list[tuple[int, str]]], None]


@dataclass
class Local:
    """What this process knows of a task beyond its record."""

    phase: Phase = "new"
    since: float = 0.0
    started: float = 0.0
    exit_code: int | None = None
    why: str = ""
    name: str = ""  # of its container
    digest: str = ""
    handle: TaskHandle | None = None
    egresses: tuple[Egress, ...] = ()
    targets: list[tuple[str, str, int]] = field(default_factory=list)
    faults: tuple[Fault, ...] = ()
    pump: threading.Thread | None = None
    memory: int = 0  # bytes that the task may use; 0 where that is not looked at
    killed: str = ""  # why its container was killed, where nobody requested it


class Runner:
    """Every running program, by its task's ARN."""

    def __init__(
        self, sandbox: Sandbox, link: NetworkClient, ship: Ship, changed: Callable[[], None]
    ) -> None:
        self.sandbox, self.link, self.ship, self.changed = sandbox, link, ship, changed
        self.tasks: dict[str, Local] = {}

    def local(self, arn: str) -> Local:
        """Return what is known of a task."""
        return self.tasks.setdefault(arn, Local())

    def start(self, spec: TaskSpec, group: str, stream: str) -> None:
        """Start a program; raises OSError where its sandbox cannot be made."""
        local = self.local(spec.task)
        handle = self.sandbox.start(spec, self._opened, self._ended)
        local.handle, local.egresses = handle, spec.egresses
        local.name = stream.split("/")[-2]  # PREFIX/CONTAINER/TASK
        local.phase, local.started, local.since = "running", time.monotonic(), time.monotonic()
        isolated = any(a == b for a, b in handle.ports.items()) or not handle.ports
        fds = (handle.dialer.fileno(),) if isolated else ()
        self.link.send(
            "task", fds, address=spec.address, ports={str(k): v for k, v in handle.ports.items()}
        )
        local.pump = threading.Thread(target=self._pump, args=(handle, group, stream), daemon=True)
        local.pump.start()

    def terminate(self, arn: str) -> None:
        """Send a program SIGTERM."""
        local = self.local(arn)
        local.phase, local.since = "stopping", time.monotonic()
        if local.handle:
            local.handle.signal(signal.SIGTERM)
        else:
            local.phase = "stopped"

    def kill(self, arn: str) -> None:
        """End a program at once."""
        local = self.local(arn)
        if local.handle:
            local.exit_code = 137
            local.handle.end()
        local.phase = "stopped"
        self.changed()

    def reopen(self, arn: str, wanted: tuple[Egress, ...]) -> None:
        """Open and close egresses of a running task after its security groups changed."""
        local = self.local(arn)
        if local.handle is None or wanted == local.egresses:
            return
        for egress in set(local.egresses) - set(wanted):
            self.link.send("close", key=_key(arn, egress))
        still_open = [egress for egress in local.egresses if egress in wanted]
        still_open += [
            egress
            for egress in wanted
            if egress not in still_open and self.sandbox.add(local.handle, egress)
        ]
        local.egresses = tuple(still_open)

    def forget(self, arn: str, address: str) -> None:
        """Close what a stopped task left."""
        local = self.local(arn)
        self.link.send("forget", address=address)
        for egress in local.egresses:
            self.link.send("close", key=_key(arn, egress))
        if local.handle:
            local.handle.end()
            local.handle.dialer.close()
            local.handle = None

    def _opened(self, arn: str, egress: Egress, fd: int) -> None:
        self.link.send("listen", (fd,), key=_key(arn, egress), purpose=dict(egress.purpose))
        os.close(fd)

    def _ended(self, arn: str, code: int | None, why: str) -> None:
        local = self.local(arn)
        if local.pump:
            local.pump.join(1)
        if local.handle and local.handle.pid_file:
            code = self._container_end(local, local.handle, code)
        if why:
            local.why = aws_messages.not_started(why)
        local.exit_code = local.exit_code if local.exit_code is not None else code
        local.phase = "stopped"
        self.changed()

    @staticmethod
    def _container_end(local: Local, handle: TaskHandle, code: int | None) -> int | None:
        """Read a container's end: did its program begin at all, and what ended it?"""
        if podman.never_started(code, handle.pid_file):
            local.why = aws_messages.of_engine(handle.last)
            return None
        ended_by_us = local.phase != "running" or handle.process.poll() is not None
        if code == KILLED and not ended_by_us and podman.out_of_memory(handle.task):
            local.killed = aws_messages.MEMORY
        return code

    def _pump(self, handle: TaskHandle, group: str, stream: str) -> None:
        """Ship output line by line, a batch at a time while it comes fast."""
        output = handle.process.stdout
        if output is None:
            return
        rest = b""
        while block := output.read1(65_536):  # type: ignore[attr-defined]
            *lines, rest = (rest + block).split(b"\n")
            handle.last = lines[-1].decode(errors="replace") if lines else handle.last
            if len(rest) > LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            self._ship(group, stream, lines)
        self._ship(group, stream, [rest] if rest else [])

    def _ship(self, group: str, stream: str, lines: list[bytes]) -> None:
        now = int(time.time() * 1000)
        texts = [(now, line[:LONGEST_LINE].decode(errors="replace").rstrip("\r")) for line in lines]
        if texts:
            self.ship(group, stream, [t for t in texts if t[1]])


def _key(arn: str, egress: Egress) -> str:
    return f"{arn} {egress.key}"


def program_environment(
    image: Image, container: dict[str, Any], secrets: dict[str, str], foreign: dict[str, str]
) -> dict[str, str]:
    """Return a program's variables: image, task definition, secrets, and the rehearsal's few."""
    usual = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp"}  # noqa: S108
    found = image.environment if image.pulled else usual | image.environment
    found = found | {row["name"]: row["value"] for row in container.get("environment", [])}
    return found | secrets | foreign
