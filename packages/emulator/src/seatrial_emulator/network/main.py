"""The network process: handles the daemon's messages from descriptor 3, and ends with it."""

from __future__ import annotations

import array
import asyncio
import contextlib
import json
import os
import resource
import socket
import ssl
import sys
from itertools import count
from typing import Any

from seatrial_emulator.network import cdn, forward_proxy, http1, routing, tls_termination
from seatrial_emulator.network.forwarding import Origin
from seatrial_emulator.network.health_checks import HealthChecker
from seatrial_emulator.network.load_balancer import LoadBalancer
from seatrial_emulator.network.task_dialer import Dialers

CONTROL = 3
MOST_MESSAGE = 4_000_000


class Network:
    """The process's state."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.dialers = Dialers()
        self.balancer = LoadBalancer(self.dialers)
        self.prober = HealthChecker(self.dialers, self._report_health)
        self.servers: dict[str, asyncio.Server] = {}
        self.front: dict[str, dict[str, Any]] = {}
        self.tls_proxies = tls_termination.TlsProxies()
        self.tls: ssl.SSLContext | None = None
        self.ended = asyncio.Event()
        self.pending: set[asyncio.Task[None]] = set()
        self.clients = 0
        # A client's connection takes a descriptor here, and one to the task that answers it. The
        # rest is for health checks and databases: they go on however many clients are silent.
        self.most_clients = _descriptors() // 4

    def readable(self) -> None:
        """Take one message from the control socket."""
        fds = array.array("i")
        try:
            data, rights, _, _ = self.control.recvmsg(
                MOST_MESSAGE, socket.CMSG_LEN(4 * fds.itemsize)
            )
        except OSError:
            data, rights = b"", []
        for level, kind, packed in rights:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(packed[: len(packed) - len(packed) % fds.itemsize])
        if not data:
            self.ended.set()
            return
        message: dict[str, Any] = json.loads(data)
        if path := message.get("file"):  # too large for one message
            with open(path, encoding="utf-8") as file:
                message = json.load(file)
            os.unlink(path)
        self._handle_message(message, list(fds))

    def _handle_message(self, message: dict[str, Any], fds: list[int]) -> None:
        match message["op"]:
            case "task":
                line = socket.socket(fileno=fds[0]) if fds else None
                ports = {int(k): v for k, v in message["ports"].items()}
                self.dialers.add(message["address"], line, ports)
            case "forget":
                self.dialers.remove(message["address"])
                self.balancer.forget(message["address"])
            case "listen":
                self._open(message["key"], message["purpose"], socket.socket(fileno=fds[0]))
            case "close":
                if server := self.servers.pop(message["key"], None):
                    server.close()
            case "routes":
                self.balancer.listeners = {
                    arn: routing.listener_from(row) for arn, row in message["listeners"].items()
                }
                self.balancer.groups = {
                    arn: routing.group_from(row) for arn, row in message["groups"].items()
                }
                self.front = message["fronts"]
                self.prober.watch(self.balancer.groups)
                if message["database"] != self.tls_proxies.fault:
                    self.tls_proxies.play(message["database"])
            case "tls":
                self.tls = tls_termination.context(message["certificate"], message["key"])

    def _open(self, key: str, purpose: dict[str, Any], listening: socket.socket) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self.clients >= self.most_clients:
                writer.close()
                return
            self.clients += 1
            try:
                with contextlib.suppress(asyncio.CancelledError, ConnectionError, TimeoutError):
                    await self._serve(purpose, (reader, writer))
            finally:
                self.clients -= 1

        async def begin() -> None:
            listening.setblocking(False)
            self.servers[key] = await asyncio.start_server(accept, sock=listening)

        task = asyncio.create_task(begin())
        self.pending.add(task)
        task.add_done_callback(self.pending.discard)

    async def _serve(self, purpose: dict[str, Any], streams: http1.Streams) -> None:
        if purpose["kind"] == "front":
            purpose = self.front.get(purpose["name"], {"kind": "closed"})
        match purpose["kind"]:
            case "site":
                await cdn.serve(streams, purpose, self.balancer)
            case "balancer":
                await self.balancer.serve(streams, _origin(purpose))
            case "database" if self.tls:
                await self.tls_proxies.serve(streams, purpose["socket"], self.tls)
            case "cache":
                stem = purpose["tls"]
                tls = tls_termination.context(f"{stem}.pem", f"{stem}.key")
                await tls_termination.cache(streams, purpose["socket"], tls)
            case "mysql":
                await self.tls_proxies.pass_mysql(streams, purpose["socket"])
            case "https" if self.tls:
                await streams[1].start_tls(self.tls, ssl_handshake_timeout=10)
                await _pass(streams, int(purpose["port"]))
            case "aws":
                await _pass(streams, int(purpose["port"]))
            case "proxy":
                await forward_proxy.serve(streams, forward_proxy.ports(purpose["ports"]))
            case "internet":
                await forward_proxy.pass_on(streams, purpose["to"])
            case "closed":
                streams[1].close()

    def report(self, message: dict[str, Any]) -> bool:
        """Send the daemon a message and return whether it could be taken now; this never waits."""
        try:
            self.control.send(json.dumps(message).encode(), socket.MSG_DONTWAIT)
        except OSError:
            return False
        return True

    def _report_health(self, group: str, target: routing.Target, row: dict[str, Any]) -> None:
        self.report({"group": group, "target": target, **row})


def _descriptors() -> int:
    """Let this process have as many descriptors as its user may, and return how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65_536)


def _origin(purpose: dict[str, Any]) -> Origin:
    """Read where a balancer's requests come in, from its message."""
    return Origin(
        purpose["listener"],
        purpose.get("source", ""),
        purpose.get("cdn", ""),
        tuple(purpose["names"]) if "names" in purpose else None,
        https=bool(purpose.get("https")),
        described=bool(purpose.get("described")),
    )


async def _pass(streams: http1.Streams, port: int) -> None:
    try:
        other = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        streams[1].close()
        return
    await http1.pipe(streams, other)


async def _report_counts(network: Network) -> None:
    """Report which targets have requests in progress, and each second what was counted."""
    reported: dict[routing.Target, int] = {}
    for tick in count():
        await asyncio.sleep(0.2)
        if network.balancer.open != reported:
            now = dict(network.balancer.open)
            if network.report({"open": [[*target, number] for target, number in now.items()]}):
                reported = now
        if tick % 5 == 0:
            for group, counts in network.balancer.counted().items():
                network.report({"group": group, "counts": counts})


async def run() -> None:
    """Serve until the daemon has ended."""
    control = socket.socket(fileno=CONTROL)
    network = Network(control)
    asyncio.get_running_loop().add_reader(control.fileno(), network.readable)
    reporting = asyncio.create_task(_report_counts(network))
    await network.ended.wait()
    reporting.cancel()


def main() -> None:
    """Run the process."""
    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
