"""HTTP/1.1 between a client and a target: keep-alive, streams both ways, WebSockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus

import h11

BLOCK = 65_536
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Headers = list[tuple[bytes, bytes]]


class ConnectionClosedError(Exception):
    """The peer closed the connection, or what it sent is not HTTP."""


class MalformedError(ConnectionClosedError):
    """What the peer sent is not HTTP."""


class ClientError(Exception):
    """A request's body is not HTTP, or did not come to its end."""


@dataclass
class Connection:
    """An HTTP/1.1 connection, to a client or to a target."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    role: type[h11.CLIENT] | type[h11.SERVER]
    state: h11.Connection = field(init=False)

    def __post_init__(self) -> None:
        self.state = h11.Connection(self.role, max_incomplete_event_size=BLOCK)

    async def next(self) -> h11.Event | type[h11.PAUSED]:
        """Return the next event; raises ConnectionClosedError when the peer has closed it."""
        while True:
            try:
                event = self.state.next_event()
            except h11.RemoteProtocolError as error:
                raise MalformedError(str(error)) from error
            if event is not h11.NEED_DATA:
                if isinstance(event, h11.ConnectionClosed):
                    raise ConnectionClosedError("closed")
                return event  # type: ignore[return-value]
            if self.state.they_are_waiting_for_100_continue:
                await self.send(h11.InformationalResponse(status_code=100, headers=[]))
            try:
                data = await self.reader.read(BLOCK)
            except OSError as error:
                raise ConnectionClosedError(str(error)) from error
            self.state.receive_data(data)

    async def send(self, event: h11.Event) -> None:
        """Send one event; raises ConnectionClosedError when the peer has closed it."""
        try:
            data = self.state.send(event)
            if data:
                self.writer.write(data)
                await self.writer.drain()
        except (OSError, h11.LocalProtocolError) as error:
            raise ConnectionClosedError(str(error)) from error

    @property
    def reusable(self) -> bool:
        """Return whether another exchange may follow on this connection."""
        return self.state.our_state is h11.DONE and self.state.their_state is h11.DONE

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError, RuntimeError):
            self.writer.close()


Handler = Callable[[Connection, h11.Request, str], Awaitable[None]]
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def is_loopback(host: bytes) -> bool:
    """Return whether a Host header is an address of this machine, where nothing speaks TLS."""
    name = host.decode("latin-1").lower()
    name = name if name.endswith("]") else name.rpartition(":")[0] or name
    return name in LOOPBACK or name.endswith(".localhost")


def is_named(host: bytes, names: Sequence[str]) -> bool:
    """Return whether a Host header names this machine, or one of some names (``*.`` for any).

    A page elsewhere can let its own name lead here (DNS rebinding): its requests carry that name.
    """
    name = host.decode("latin-1").lower()
    name = name if name.endswith("]") else name.rpartition(":")[0] or name
    return is_loopback(host) or any(fnmatchcase(name, known.lower()) for known in names)


def of_names(handle: Handler, names: Sequence[str]) -> Handler:
    """Return what answers as ``handle`` does, but refuses names that are not the app's."""

    async def answered(client: Connection, request: h11.Request, source: str) -> None:
        host = next((v for n, v in request.headers if n == b"host"), b"")
        if is_named(host, names):
            await handle(client, request, source)
        else:
            body = b"This name is none of the app's.\n"
            await answer(client, 403, [(b"content-type", b"text/plain")], body)

    return answered


async def serve(streams: Streams, handle: Handler, server: bytes = b"", idle: float = 60) -> None:
    """Pass each request of a client connection to ``handle``, with the client's address.

    ``server`` is who answers 400 to what is not HTTP; a client that is silent for ``idle`` seconds
    between two requests, or within one, is closed.
    """
    client = Connection(*streams, h11.SERVER)
    peer = streams[1].get_extra_info("peername")
    address = peer[0] if isinstance(peer, tuple) and peer else "127.0.0.1"
    try:
        while True:
            async with asyncio.timeout(idle):
                event = await client.next()
            if isinstance(event, h11.Request):
                await handle(client, event, address)
            if not client.reusable:
                break
            client.state.start_next_cycle()
    except MalformedError:
        with contextlib.suppress(ConnectionClosedError, h11.ProtocolError):
            headers = [(b"server", server), (b"connection", b"close")]
            await answer(client, 400, headers, b"Bad Request\n")
    except (ConnectionClosedError, h11.ProtocolError, ConnectionError, TimeoutError):
        pass
    finally:
        client.close()


async def answer(client: Connection, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole response of our own."""
    sent = [*headers, (b"content-length", str(len(body)).encode())]
    await client.send(
        h11.Response(status_code=status, headers=sent, reason=HTTPStatus(status).phrase.encode())
    )
    if body:
        await client.send(h11.Data(data=body))
    await client.send(h11.EndOfMessage())


async def relay(
    client: Connection,
    target: Connection,
    request: h11.Request,
    idle: float,
    change: Callable[[Headers], Headers],
) -> int:
    """Carry one exchange and return its status; it may take any time while bytes move.

    Raises ConnectionClosedError, ClientError, or TimeoutError after ``idle`` seconds without a
    byte, while nothing was answered yet. After the first byte of an answer the client's connection
    is closed on any failure: a started answer cannot be taken back.
    """
    await target.send(request)
    exchange = _Exchange(client, target, change, idle)
    try:
        return await exchange.run()
    except (ConnectionClosedError, ClientError, TimeoutError):
        if exchange.status:
            client.close()
            return exchange.status
        raise


@dataclass
class _Exchange:
    """One request and its answer; ``status`` is the answer's once it has begun."""

    client: Connection
    target: Connection
    change: Callable[[Headers], Headers]
    idle: float
    status: int = 0
    limit: asyncio.Timeout | None = None
    failure: ConnectionClosedError | None = None  # of the request's body

    async def run(self) -> int:
        """Carry both ways until the answer has ended."""
        try:
            async with asyncio.timeout(self.idle) as self.limit:
                upload = asyncio.create_task(self._upload())
                try:
                    return await self._download()
                finally:
                    upload.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await upload
        except TimeoutError:
            if self.failure:
                raise ClientError(str(self.failure)) from self.failure
            raise

    def _moved(self, seconds: float | None = None) -> None:
        """Begin the time without a byte anew."""
        if self.limit and not self.limit.expired():
            wait = self.idle if seconds is None else seconds
            self.limit.reschedule(asyncio.get_running_loop().time() + wait)

    async def _download(self) -> int:
        while True:
            event = await self.target.next()
            self._moved()
            if isinstance(event, h11.InformationalResponse):
                await self.client.send(event)
                if event.status_code == 101:
                    self.status = 101
                    await tunnel(self.client, self.target, self._moved)
                    return 101
                continue
            if isinstance(event, h11.Response):
                headers = self.change(list(event.headers))
                event = h11.Response(
                    status_code=event.status_code, headers=headers, reason=event.reason
                )
                self.status = event.status_code
            if isinstance(event, h11.Event):
                await self.client.send(event)
            if isinstance(event, h11.EndOfMessage):
                return self.status

    async def _upload(self) -> None:
        """Carry the request's body; a target that stops listening may still answer."""
        listening = True
        while True:
            try:
                event = await self.client.next()
            except ConnectionClosedError as error:  # nobody waits for an answer to half a request
                self.failure = error
                self._moved(0)
                return
            self._moved()
            if not isinstance(event, h11.Event):
                return
            try:
                await (self.target.send(event) if listening else asyncio.sleep(0))
            except ConnectionClosedError:
                listening = False
            if isinstance(event, h11.EndOfMessage):
                return


async def tunnel(client: Connection, target: Connection, moved: Callable[[], None]) -> None:
    """Carry bytes both ways until both ends are done (WebSocket after its handshake)."""
    early, _ = target.state.trailing_data
    if early:
        client.writer.write(early)
    sent, _ = client.state.trailing_data
    if sent:
        target.writer.write(sent)
    await pipe((client.reader, client.writer), (target.reader, target.writer), moved)
    client.close()


async def pipe(one: Streams, other: Streams, moved: Callable[[], None] = lambda: None) -> None:
    """Carry bytes both ways until both ends are done, or one has failed; ``moved`` hears of each.

    An end that can say that it sends no more (TCP, sockets of this machine) may still be sent to;
    one that cannot (TLS) is closed with its other end.
    """

    def close() -> None:
        for writer in (one[1], other[1]):
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(BLOCK):
                moved()
                sink.write(data)
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()
            else:
                sink.close()
        except (OSError, RuntimeError):
            close()

    try:
        await asyncio.gather(copy(one[0], other[1]), copy(other[0], one[1]))
    finally:
        close()
