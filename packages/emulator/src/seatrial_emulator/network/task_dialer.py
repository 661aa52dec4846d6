"""Connections into tasks: through the task's first process, or on this machine's loopback."""

from __future__ import annotations

import array
import asyncio
import contextlib
import errno
import os
import socket
import struct
from dataclasses import dataclass, field


@dataclass
class Dialer:
    """How one task is reached: a socket to its first process, or ports on 127.0.0.1."""

    line: socket.socket | None
    ports: dict[int, int]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Dialers:
    """Every task, by its AWS-shaped address."""

    def __init__(self) -> None:
        self.by_address: dict[str, Dialer] = {}

    def add(self, address: str, line: socket.socket | None, ports: dict[int, int]) -> None:
        """Remember how a task is reached."""
        self.by_address[address] = Dialer(line, ports)

    def remove(self, address: str) -> None:
        """Forget a task."""
        found = self.by_address.pop(address, None)
        if found and found.line:
            found.line.close()

    async def dial(
        self, address: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to a task's port; raises OSError as a network would."""
        dialer = self.by_address.get(address)
        if dialer is None:
            raise OSError(errno.EHOSTUNREACH, "no such task")
        if dialer.line is None:
            return await asyncio.open_connection("127.0.0.1", dialer.ports.get(port, port))
        loop = asyncio.get_running_loop()
        async with dialer.lock:
            connection = await loop.run_in_executor(None, _connect, dialer.line, port)
        connection.setblocking(False)
        return await asyncio.open_connection(sock=connection)


def _connect(line: socket.socket, port: int) -> socket.socket:
    fds = array.array("i")
    try:
        _discard_answers(line)
        line.sendall(struct.pack("!H", port))
        data, rights, _, _ = line.recvmsg(256, socket.CMSG_LEN(fds.itemsize))
    except OSError as error:
        raise OSError(errno.EHOSTUNREACH, "the task has ended") from error
    for level, kind, packed in rights:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(packed[: fds.itemsize])
    if not data.startswith(b"+") or not fds:
        raise ConnectionRefusedError(errno.ECONNREFUSED, data[1:].decode() or "connection refused")
    return socket.socket(fileno=fds[0])


def _discard_answers(line: socket.socket) -> None:
    """Take answers off a line that a network process asked for and ended before it read them."""
    fds = array.array("i")
    with contextlib.suppress(BlockingIOError):
        while True:
            data, rights, _, _ = line.recvmsg(
                256, socket.CMSG_LEN(fds.itemsize), socket.MSG_DONTWAIT
            )
            for _, _, packed in rights:
                os.close(struct.unpack("i", packed[: fds.itemsize])[0])
            if not data:
                return
