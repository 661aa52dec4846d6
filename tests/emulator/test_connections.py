"""Connections over time: silence ends them, bytes keep them, and none is left of one that ended."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any

import h11
import pytest
import websockets
from test_network import balancer, body, echo, run, target

from seatrial_emulator.network.http1 import Connection, answer

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


async def sent(address: str, *parts: bytes, pause: float = 0) -> bytes:
    """Send bytes with pauses between them, and return everything that is answered."""
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for part in parts:
        writer.write(part)
        await asyncio.sleep(pause)
    found = await asyncio.wait_for(reader.read(), 8)
    writer.close()
    return found


def test_an_upload_may_take_longer_than_the_silence_that_is_allowed():
    """The time without a byte counts, in either direction, not the time of the whole exchange."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\n"

    async def job() -> None:
        server, port = await target(echo)
        async with server, balancer({"a": port}, idle=1) as (address, _):
            found = await sent(address, head, b"ab", b"cd", b"ef", pause=0.6)
            assert found.startswith(b"HTTP/1.1 200")
            assert found.endswith(b"abcdef")

    run(job)


@pytest.mark.parametrize(
    "given",
    [
        b"not http\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
    ],
)
def test_what_is_not_http_is_answered_400(given: bytes):
    """As an ALB does, and then the connection is closed."""

    async def job() -> None:
        server, port = await target(echo)
        async with server, balancer({"a": port}, idle=3) as (address, _):
            found = await sent(address, given)
            assert found.startswith(b"HTTP/1.1 400 ")
            assert b"awselb/2.0" in found

    run(job)


def test_a_silent_client_is_closed():
    """Nothing sent, or half a request, for as long as the balancer waits."""

    async def job() -> None:
        async with balancer({}, idle=1) as (address, _):
            assert await sent(address) == b""
            assert await sent(address, b"GET / HT") == b""

    run(job)


def test_a_silent_websocket_is_closed():
    """After the idle time without a byte, as a balancer closes it; bytes keep it open."""

    async def job() -> None:
        async def reply(socket: Any) -> None:
            async for message in socket:
                await socket.send(message)

        async with websockets.serve(reply, "127.0.0.1", 0, ping_interval=None) as server:
            port = server.sockets[0].getsockname()[1]
            async with (
                balancer({"a": port}, idle=1) as (address, _),
                websockets.connect(f"ws://{address}/", ping_interval=None) as client,
            ):
                for _ in range(4):
                    await asyncio.sleep(0.5)
                    await client.send("x")
                    assert await client.recv() == "x"
                with pytest.raises(websockets.ConnectionClosed):
                    await asyncio.wait_for(client.recv(), 5)

    run(job)


def test_connections_that_are_reset_leave_nothing():
    """A client that goes away without a word ends the connection to the task as well."""

    async def job() -> None:
        opened: set[asyncio.StreamWriter] = set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            opened.add(writer)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
                         b"Connection: upgrade\r\n\r\n")  # fmt: skip
            await reader.read()
            opened.discard(writer)
            writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, balancer({"a": port}) as (address, _):
            before = len(os.listdir("/proc/self/fd"))
            for _ in range(40):
                await _reset(address)
            for _ in range(50):
                await asyncio.sleep(0.05)
                if not opened:
                    break
            assert not opened
            assert len(os.listdir("/proc/self/fd")) <= before + 2

    run(job)


async def _reset(address: str) -> None:
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def test_half_a_body_does_not_keep_its_target_waiting():
    """A client that goes away in the middle of its upload ends the request at once."""
    ended = asyncio.Event()

    async def waits(connection: Connection, request: h11.Request) -> None:
        try:
            await body(connection)
        except Exception:
            ended.set()
            raise
        await answer(connection, 200, [], b"")

    async def job() -> None:
        server, port = await target(waits)
        async with server, balancer({"a": port}) as (address, _):
            _, writer = await asyncio.open_connection(*address.split(":"))
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            await asyncio.sleep(0.2)
            writer.close()
            await asyncio.wait_for(ended.wait(), 3)

    run(job)
