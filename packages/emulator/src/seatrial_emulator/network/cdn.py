"""A site's distribution: its paths to services go to the balancer, all others are files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import h11

from seatrial_emulator.network import http1
from seatrial_emulator.network.forwarding import Origin
from seatrial_emulator.network.http1 import Connection, ConnectionClosedError
from seatrial_emulator.network.load_balancer import LoadBalancer
from seatrial_emulator.network.routing import matches

FILES = "/_seatrial/files/"
PASSED = (b"content-type", b"etag", b"last-modified", b"cache-control")


async def serve(streams: http1.Streams, spec: Mapping[str, Any], balancer: LoadBalancer) -> None:
    """Serve one client connection until it ends."""

    async def handle(client: Connection, request: h11.Request, source: str) -> None:
        path = request.target.decode("latin-1").split("?", 1)[0]
        if spec["listener"] and any(matches(p, path) for p in spec["patterns"]):
            origin = Origin(
                spec["listener"],
                source,
                spec["cdn"],
                https=True,
                described=bool(spec.get("described")),
            )
            await balancer.handle(client, request, origin)
        else:
            await _file(client, request, path, spec)

    await http1.serve(streams, http1.of_names(handle, spec["names"]), b"CloudFront")


async def _file(
    client: Connection, request: h11.Request, path: str, spec: Mapping[str, Any]
) -> None:
    common = [(n.encode(), v.encode()) for n, v in spec["headers"].items()]
    common.append((b"via", f"1.1 {spec['cdn']} (CloudFront)".encode()))
    if request.method not in (b"GET", b"HEAD", b"OPTIONS"):
        await http1.answer(client, 403, common, b"This distribution does not allow this method.\n")
        return
    status, headers, body = await _read(spec, _uri(path, spec))
    headers += common
    known = dict(request.headers).get(b"if-none-match")
    if status == 200 and known and known == dict(headers).get(b"etag"):
        await client.send(h11.Response(status_code=304, headers=headers))
        await client.send(h11.EndOfMessage())
        return
    if request.method == b"HEAD":
        headers.append((b"content-length", str(len(body)).encode()))
        await client.send(h11.Response(status_code=status, headers=headers))
        await client.send(h11.EndOfMessage())
        return
    await http1.answer(client, status, headers, body)


def _uri(path: str, spec: Mapping[str, Any]) -> str:
    """Return the file that an address means: first by the site's function, then by its root."""
    if spec["pages"] == "spa" and "." not in path.rsplit("/", 1)[-1]:
        path = "/index.html"
    elif spec["pages"] == "pages" and path.endswith("/"):
        path += "index.html"
    if path == "/" and spec["root"]:
        path = f"/{spec['root']}"
    return str(spec["folder"]) + path


async def _read(spec: Mapping[str, Any], uri: str) -> tuple[int, http1.Headers, bytes]:
    target = f"{FILES}{spec['distribution']}/{quote(uri.lstrip('/'), safe='/%')}"
    try:
        streams = await asyncio.open_connection("127.0.0.1", spec["port"])
    except OSError:
        return 502, [], b""
    connection = Connection(*streams, h11.CLIENT)
    host = [("host", f"127.0.0.1:{spec['port']}"), ("connection", "close")]
    host.append(("x-seatrial-token", spec["token"]))
    try:
        await connection.send(h11.Request(method="GET", target=target, headers=host))
        await connection.send(h11.EndOfMessage())
        status, headers, body = 502, [], b""
        while not isinstance(event := await connection.next(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                status = event.status_code
                headers = [(n, v) for n, v in event.headers if n in PASSED]
            elif isinstance(event, h11.Data):
                body += event.data
    except ConnectionClosedError:
        return 502, [], b""
    finally:
        connection.close()
    return status, headers, body
