"""The balancer over real sockets: streams, WebSockets, sticky sessions, an ALB's own errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import h11
import httpx
import pytest
import websockets

from seatrial_emulator.network import routing
from seatrial_emulator.network.http1 import Connection, answer
from seatrial_emulator.network.load_balancer import LoadBalancer, Origin
from seatrial_emulator.network.task_dialer import Dialers

# Connections that the end of a test's loop cuts are not the subject here.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
Handler = Callable[[Connection, h11.Request], Awaitable[None]]


async def target(handler: Handler) -> tuple[asyncio.Server, int]:
    """Serve HTTP with a handler, on a free port."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, h11.SERVER)
        try:
            while True:
                event = await connection.next()
                if isinstance(event, h11.Request):
                    await handler(connection, event)
                if not connection.reusable:
                    break
                connection.state.start_next_cycle()
        except Exception:  # noqa: S110 - the client went away
            pass
        finally:
            connection.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def body(connection: Connection) -> bytes:
    """Read a request's body."""
    found = b""
    while not isinstance(event := await connection.next(), h11.EndOfMessage):
        if isinstance(event, h11.Data):
            found += event.data
    return found


async def echo(connection: Connection, request: h11.Request) -> None:
    """Answer with what came in."""
    found = await body(connection)
    headers = b"\n".join(n + b": " + v for n, v in request.headers)
    await answer(connection, 200, [(b"x-path", request.target)], headers + b"\n\n" + found)


@asynccontextmanager
async def balancer(
    ports: dict[str, int], idle: int = 60, origin: Origin | None = None, **group: Any
) -> Any:
    """Run a balancer in front of targets; yields its address and itself."""
    dialers = Dialers()
    for name, port in ports.items():
        dialers.add(name, None, {80: port})
    made = LoadBalancer(dialers)
    targets = {(name, 80): "healthy" for name in ports}
    made.groups["g"] = routing.Group(targets, **group)
    made.listeners["l"] = routing.Listener((), routing.Action(group="g"), idle)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await made.serve((reader, writer), origin or Origin("l"))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", made


def run(job: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine."""
    asyncio.run(asyncio.wait_for(job(), 30))  # type: ignore[arg-type]


def test_cloudfront_waits_a_minute_for_an_answer(monkeypatch):
    """However long the balancer may wait, CloudFront answers 504 after its own time."""
    monkeypatch.setattr("seatrial_emulator.network.load_balancer.CDN_SECONDS", 1)

    async def slow(connection: Connection, request: h11.Request) -> None:
        await body(connection)
        await asyncio.sleep(2)
        await answer(connection, 200, [], b"late")

    async def job() -> None:
        server, port = await target(slow)
        origin = Origin("l", cdn="d1.cloudfront.net")
        async with (
            server,
            balancer({"a": port}, idle=300, origin=origin) as (address, _),
            httpx.AsyncClient() as client,
        ):
            assert (await client.get(f"http://{address}/")).status_code == 504

    run(job)


def test_requests_go_to_targets_in_turn_with_an_albs_headers():
    """Round robin, X-Forwarded headers, the body unchanged, connections reused."""

    async def job() -> None:
        one, first = await target(echo)
        two, second = await target(echo)
        async with (
            one,
            two,
            balancer({"a": first, "b": second}) as (address, made),
            httpx.AsyncClient() as client,
        ):
            for _ in range(6):
                found = await client.post(f"http://{address}/p?q=1", content=b"x" * 100_000)
                assert found.status_code == 200
                assert found.content.endswith(b"x" * 100_000)
                assert b"x-forwarded-for: 127.0.0.1" in found.content
                assert b"x-amzn-trace-id: Root=" in found.content
                assert found.headers["x-path"] == "/p?q=1"
            assert made.turns["g"] == 5
            assert sum(len(connections) for connections in made.idle.values()) == 2

    run(job)


def test_answers_stream_while_they_are_made():
    """The first piece arrives before the last one is sent."""
    first_seen = asyncio.Event()

    async def slowly(connection: Connection, _request: h11.Request) -> None:
        await body(connection)
        await connection.send(
            h11.Response(status_code=200, headers=[(b"transfer-encoding", b"chunked")])
        )
        await connection.send(h11.Data(data=b"first"))
        await asyncio.wait_for(first_seen.wait(), 5)
        await connection.send(h11.Data(data=b"last"))
        await connection.send(h11.EndOfMessage())

    async def job() -> None:
        server, port = await target(slowly)
        async with (
            server,
            balancer({"a": port}) as (address, _),
            httpx.AsyncClient() as client,
            client.stream("GET", f"http://{address}/") as found,
        ):
            pieces = []
            async for piece in found.aiter_bytes():
                pieces.append(piece)
                first_seen.set()
            assert pieces[0] == b"first"
            assert b"".join(pieces) == b"firstlast"

    run(job)


def test_websockets_pass_both_ways():
    """A WebSocket is opened through the balancer and carries messages both ways."""

    async def job() -> None:
        async def reply(socket: Any) -> None:
            async for message in socket:
                await socket.send(message[::-1])

        async with websockets.serve(reply, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with (
                balancer({"a": port}) as (address, _),
                websockets.connect(f"ws://{address}/ws") as client,
            ):
                await client.send("abc")
                assert await client.recv() == "cba"
                await client.send("x" * 200_000)
                assert len(await client.recv()) == 200_000

    run(job)


def test_sticky_session_stays_on_its_target():
    """With stickiness on, a client with the cookie stays where it was."""

    async def job() -> None:
        servers, ports = [], {}
        for name in ("a", "b", "c"):

            async def who(connection: Connection, _request: h11.Request, name: str = name) -> None:
                await body(connection)
                await answer(connection, 200, [], name.encode())

            server, ports[name] = await target(who)
            servers.append(server)
        async with balancer(ports, sticky=True) as (address, _), httpx.AsyncClient() as client:
            first = (await client.get(f"http://{address}/")).text
            assert "AWSALB" in client.cookies
            for _ in range(6):
                assert (await client.get(f"http://{address}/")).text == first
        for server in servers:
            server.close()

    run(job)


@pytest.mark.parametrize(
    ("case", "expected"), [("none", 503), ("refused", 502), ("silent", 504), ("garbage", 502)]
)
def test_errors_are_an_albs_own(case, expected):
    """No target is 503, a refused or broken one 502, a silent one 504; in an ALB's page."""

    async def job() -> None:
        async def bad(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            if case == "garbage":
                writer.write(b"not http\r\n\r\n")
                writer.close()
            else:
                await asyncio.sleep(5)

        server = await asyncio.start_server(bad, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        if case == "refused":
            server.close()
            await server.wait_closed()
        ports = {} if case == "none" else {"a": port}
        async with balancer(ports, idle=1) as (address, _), httpx.AsyncClient() as client:
            found = await client.get(f"http://{address}/")
            assert (expected, "awselb/2.0") == (found.status_code, found.headers["server"])
            assert f"<center><h1>{expected} " in found.text
        server.close()

    run(job)
