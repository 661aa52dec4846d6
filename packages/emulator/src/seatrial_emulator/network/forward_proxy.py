"""Internet access of an isolated task: a forward proxy for HTTP and HTTPS.

It leads to the internet alone, at the ports that the task's security groups let out: what only this
machine or its network reaches (loopback, link-local, private addresses) is not reached from AWS.
"""

from __future__ import annotations

import asyncio
import os
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import h11

from seatrial_emulator.network import http1
from seatrial_emulator.network.http1 import Connection, ConnectionClosedError, Streams

Ports = tuple[tuple[int, int], ...]
# `host:port` with commas between: services of this machine that stand in for ones of the internet;
# `host:port=address:port` where they listen elsewhere.
STAND_INS = "SEATRIAL_EMULATOR_STAND_INS"


class RefusedError(Exception):
    """The rehearsed network lets nothing through to this place; the text says why."""


def ports(text: str) -> Ports:
    """Read ranges of ports as ``443-443,8000-8010``."""
    pairs = (part.partition("-") for part in text.split(",") if part)
    return tuple((int(low), int(high)) for low, _, high in pairs)


def _stand_ins() -> dict[str, tuple[str, int]]:
    found = {}
    for row in filter(None, os.environ.get(STAND_INS, "").split(",")):
        named, _, near = row.partition("=")
        host, _, port = (near or named).rpartition(":")
        found[named] = (host, int(port))
    return found


async def pass_on(streams: Streams, to: str) -> None:
    """Lead a connection to a host of the internet, ``host:port``; close it where none answers."""
    host, _, port = to.rpartition(":")
    try:
        other = await _connect(host, int(port), ((int(port), int(port)),))
    except (RefusedError, OSError, TimeoutError):
        streams[1].close()
        return
    await http1.pipe(streams, other)


async def _connect(host: str, port: int, allowed: Ports) -> Streams:
    """Connect to a public address of a host; raises RefusedError, OSError, TimeoutError."""
    if near := _stand_ins().get(f"{host}:{port}"):
        return await asyncio.open_connection(*near)
    if not any(low <= port <= high for low, high in allowed):
        raise RefusedError(f"no egress rule of the task's security groups lets TCP {port} out")
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in found]
    public = [address for address in addresses if ip_address(address).is_global]
    if not public:
        raise RefusedError(f"{host} is no address of the internet, and AWS would not reach it")
    return await asyncio.wait_for(asyncio.open_connection(public[0], port), 10)


async def serve(streams: Streams, allowed: Ports) -> None:
    """Serve one client of the proxy: CONNECT, or a plain request with a whole URL."""
    client = Connection(*streams, h11.SERVER)
    try:
        request = await client.next()
        if not isinstance(request, h11.Request):
            return
        if request.method == b"CONNECT":
            host, _, port = request.target.decode().rpartition(":")
            await client.next()  # the end of the request
            other = await _connect(host.strip("[]"), int(port), allowed)
            await client.send(h11.Response(status_code=200, headers=[]))
            early, _ = client.state.trailing_data
            other[1].write(early)
            await http1.pipe(streams, other)
            return
        await _plain(client, request, allowed)
    except RefusedError as error:
        await http1.answer(client, 403, [], f"the rehearsal's proxy: {error}\n".encode())
    except (OSError, TimeoutError, ValueError):
        await http1.answer(client, 502, [], b"the rehearsal's proxy cannot reach this host\n")
    except ConnectionClosedError:
        pass
    finally:
        client.close()


async def _plain(client: Connection, request: h11.Request, allowed: Ports) -> None:
    url = urlsplit(request.target.decode())
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    target = Connection(*await _connect(url.hostname or "", url.port or 80, allowed), h11.CLIENT)
    headers = [(n, v) for n, v in request.headers if n not in (b"proxy-connection",)]
    sent = h11.Request(method=request.method, target=path, headers=headers)
    try:
        await http1.relay(client, target, sent, 60, _last)
    finally:
        target.close()


def _last(headers: http1.Headers) -> http1.Headers:
    """Close this connection after the response: nothing would answer a next request on it."""
    others = [(n, v) for n, v in headers if n.lower() not in (b"connection", b"keep-alive")]
    return [*others, (b"connection", b"close")]
