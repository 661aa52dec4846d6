"""The way out of an isolated task: a forward proxy for HTTP and HTTPS."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import h11

from seatrial_emulator.network import http1
from seatrial_emulator.network.http1 import GoneError, Side, Streams


async def serve(streams: Streams) -> None:
    """Serve one client of the proxy: CONNECT, or a plain request with a whole URL."""
    client = Side(*streams, h11.SERVER)
    try:
        request = await client.next()
        if not isinstance(request, h11.Request):
            return
        if request.method == b"CONNECT":
            host, _, port = request.target.decode().rpartition(":")
            await client.next()  # the end of the request
            other = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 10)
            await client.send(h11.Response(status_code=200, headers=[]))
            early, _ = client.state.trailing_data
            other[1].write(early)
            await http1.pipe(streams, other)
            return
        await _plain(client, request)
    except (OSError, TimeoutError, ValueError):
        await http1.answer(client, 502, [], b"the rehearsal's proxy cannot reach this host\n")
    except GoneError:
        pass
    finally:
        client.close()


async def _plain(client: Side, request: h11.Request) -> None:
    url = urlsplit(request.target.decode())
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connecting = asyncio.open_connection(url.hostname, url.port or 80)
    target = Side(*await asyncio.wait_for(connecting, 10), h11.CLIENT)
    headers = [(n, v) for n, v in request.headers if n not in (b"proxy-connection",)]
    sent = h11.Request(method=request.method, target=path, headers=headers)
    try:
        await http1.relay(client, target, sent, 60, _last)
    finally:
        target.close()


def _last(headers: http1.Headers) -> http1.Headers:
    """Say that this connection ends: a client that keeps it would send its next request nowhere."""
    kept = [(n, v) for n, v in headers if n.lower() not in (b"connection", b"keep-alive")]
    return [*kept, (b"connection", b"close")]
