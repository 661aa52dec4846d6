"""The load balancer: rules, healthy targets in turn, sticky sessions, and its own error pages.

Behaviour as documented for Application Load Balancers (ELB user guide, "Troubleshoot your
Application Load Balancers", "Sticky sessions", "HTTP headers and Application Load Balancers").
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, field, replace

import h11

from seatrial_emulator.network import forwarding, http1, routing
from seatrial_emulator.network.forwarding import Origin
from seatrial_emulator.network.http1 import Connection, ConnectionClosedError, Headers
from seatrial_emulator.network.routing import Target
from seatrial_emulator.network.task_dialer import Dialers

TITLES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
COOKIE = "AWSALB"
CONNECT_SECONDS = 10  # an ALB gives up connecting to a target after ten seconds
CDN_SECONDS = 60  # the origin's read timeout that we generate, CloudFront's most without a quota
MOST_IDLE = 64  # idle connections to one target
Via = tuple[routing.Listener, Origin]


@dataclass
class LoadBalancer:
    """Every listener and target group of the rehearsal."""

    dialers: Dialers
    listeners: dict[str, routing.Listener] = field(default_factory=dict)
    groups: dict[str, routing.Group] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    idle: dict[Target, list[Connection]] = field(default_factory=dict)
    counts: dict[str, dict[str, float]] = field(default_factory=dict)
    open: dict[Target, int] = field(default_factory=dict)  # requests in progress

    def counted(self) -> dict[str, dict[str, float]]:
        """Return what was counted by target group since the last call."""
        found, self.counts = self.counts, {}
        return found

    def _count(self, group: str, name: str, number: float = 1) -> None:
        counts = self.counts.setdefault(group, {})
        counts[name] = counts.get(name, 0.0) + number

    async def serve(self, streams: http1.Streams, origin: Origin) -> None:
        """Serve one client connection until it ends."""

        async def handle(client: Connection, request: h11.Request, source: str) -> None:
            await self.handle(client, request, replace(origin, source=origin.source or source))

        handler = handle if origin.names is None else http1.of_names(handle, origin.names)
        listener = self.listeners.get(origin.listener)
        idle = listener.idle if listener else routing.IDLE
        await http1.serve(streams, handler, origin.server, idle)

    async def handle(self, client: Connection, request: h11.Request, origin: Origin) -> None:
        """Answer one request."""
        headers = dict(request.headers)
        listener = self.listeners.get(origin.listener)
        if listener is None:
            await self._refuse(client, 503, origin)
            return
        if status := forwarding.refusal(request, origin):
            await self._refuse(client, status, origin)
            return
        facts = routing.Request(
            headers.get(b"host", b"").decode("latin-1"),
            request.target.decode("latin-1"),
            origin.source,
            request.method.decode(),
        )
        action = routing.choose(listener, facts)
        if not action.group:
            await http1.answer(
                client,
                action.status,
                [(b"content-type", action.content_type.encode()), *_server(origin)],
                action.body.encode(),
            )
            return
        await self._forward(client, request, action.group, (listener, origin))

    async def _forward(self, client: Connection, request: h11.Request, name: str, via: Via) -> None:
        group = self.groups.get(name, routing.Group())
        begin = time.monotonic()
        self._count(name, "RequestCount")
        cookies = dict(request.headers).get(b"cookie", b"").decode("latin-1")
        target = self._pick(name, group, cookies)
        if target is None:
            await self._refuse(client, 503, via[1], name)
            return
        self.open[target] = self.open.get(target, 0) + 1
        try:
            await self._exchange(client, request, target, name, (group, *via))
            self._count(name, "seconds", time.monotonic() - begin)
        finally:
            self.open[target] -= 1
            if not self.open[target]:
                del self.open[target]

    async def _exchange(
        self,
        client: Connection,
        request: h11.Request,
        target: Target,
        name: str,
        how: tuple[routing.Group, routing.Listener, Origin],
    ) -> None:
        group, listener, origin = how
        if delay := group.delays.get(target):
            await asyncio.sleep(delay)
        try:
            upstream = await asyncio.wait_for(self._connect(target, group), CONNECT_SECONDS)
        except TimeoutError:
            await self._refuse(client, 504, origin, name)
            return
        except OSError:
            await self._refuse(client, 502, origin, name)
            return
        try:
            sticky = target if group.sticky else None
            status = await http1.relay(
                client,
                upstream,
                forwarding.sent(request, origin, listener),
                _patience(request, listener.idle, origin),
                lambda headers: _answered(headers, request, sticky, origin),
            )
            self._count(name, f"HTTPCode_Target_{status // 100}XX_Count")
        except TimeoutError:
            await self._refuse(client, 504, origin, name)
        except http1.ClientError:
            await self._refuse(client, 400, origin)
        except ConnectionClosedError:
            await self._refuse(client, 502, origin, name)
        finally:
            self._release(target, upstream)

    def _pick(self, name: str, group: routing.Group, cookies: str) -> Target | None:
        targets = routing.eligible(group)
        if not targets:
            return None
        if group.sticky:
            for target in targets:
                if f"{COOKIE}={_mark(target)}" in cookies:
                    return target
        self.turns[name] = turn = self.turns.get(name, -1) + 1
        return targets[turn % len(targets)]

    async def _connect(self, target: Target, group: routing.Group) -> Connection:
        if target in group.blocked:  # no security-group rule: packets are dropped, nobody answers
            await asyncio.sleep(CONNECT_SECONDS + 1)
        while connections := self.idle.get(target):
            connection = connections.pop()
            if not connection.reader.at_eof():
                return connection
            connection.close()
        return Connection(*await self.dialers.dial(*target), h11.CLIENT)

    def _release(self, target: Target, connection: Connection) -> None:
        connections = self.idle.setdefault(target, [])
        if connection.reusable and len(connections) < MOST_IDLE and not connection.reader.at_eof():
            connection.state.start_next_cycle()
            connections.append(connection)
        else:
            connection.close()

    def forget(self, address: str) -> None:
        """Close the idle connections to a task that has ended."""
        for target in [target for target in self.idle if target[0] == address]:
            for connection in self.idle.pop(target):
                connection.close()

    async def _refuse(
        self, client: Connection, status: int, origin: Origin, group: str = ""
    ) -> None:
        if group:
            self._count(group, "HTTPCode_ELB_5XX_Count")
        title = f"{status} {TITLES[status]}"
        page = (
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}"
            "</h1></center>\r\n</body>\r\n</html>\r\n"
        )
        await http1.answer(
            client, status, [(b"content-type", b"text/html"), *_server(origin)], page.encode()
        )


def _patience(request: h11.Request, idle: int, origin: Origin) -> int:
    """Return how many seconds an answer may be silent: CloudFront waits less than a balancer may.

    WebSockets are the balancer's (CloudFront developer guide, "Response timeout").
    """
    upgraded = any(name == b"upgrade" for name, _ in request.headers)
    return idle if upgraded or not origin.cdn else min(idle, CDN_SECONDS)


def _mark(target: Target) -> str:
    return hashlib.sha256(f"{target[0]}:{target[1]}".encode()).hexdigest()[:32]


def _server(origin: Origin) -> Headers:
    return [(b"server", origin.server), *forwarding.cloudfront(origin)]


def _answered(
    headers: Headers, request: h11.Request, sticky: Target | None, origin: Origin
) -> Headers:
    found = forwarding.answered(headers, request, origin)
    if sticky:
        value = f"{COOKIE}={_mark(sticky)}; Path=/; Max-Age=86400"
        found.append((b"set-cookie", value.encode()))
    return found
