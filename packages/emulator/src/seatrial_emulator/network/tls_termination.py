"""A TLS proxy before a database: TLS as RDS serves it, then PostgreSQL's own socket.

RDS with ``rds.force_ssl`` refuses connections without TLS (RDS user guide, "Using SSL with a
PostgreSQL DB instance"); the PostgreSQL behind us has no TLS, so TLS ends here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct

from seatrial_emulator.network.http1 import Streams, pipe

_SSL_REQUEST = struct.pack("!II", 8, 80877103)  # PostgreSQL protocol, "SSLRequest"
_CLIENT_SSL = 0x0800
_INSECURE = (
    3159,
    "HY000",
    "Connections using insecure transport are prohibited while --require_secure_transport=ON.",
)
_FULL = (1040, "08004", "Too many connections")
_GSS_REQUEST = struct.pack("!II", 8, 80877104)


def context(certificate: str, key: str) -> ssl.SSLContext:
    """Return the server side of TLS with the rehearsal's certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(certificate, key)
    return made


class TlsProxies:
    """The TLS proxies of every database; a fault may make them refuse."""

    def __init__(self) -> None:
        self.fault = ""
        self.open: set[asyncio.StreamWriter] = set()

    def play(self, fault: str) -> None:
        """Refuse from now on (``refuse``, ``crowd``), or serve; ``refuse`` closes what is open."""
        self.fault = fault
        if fault == "refuse":
            for writer in list(self.open):
                writer.close()

    async def serve(self, streams: Streams, path: str, tls: ssl.SSLContext) -> None:
        """Serve one client until it disconnects."""
        writer = streams[1]
        if self.fault == "refuse":
            writer.close()
            return
        self.open.add(writer)
        try:
            await serve(streams, path, tls, full=self.fault == "crowd")
        finally:
            self.open.discard(writer)

    async def pass_mysql(self, streams: Streams, path: str) -> None:
        """Serve one client of a MySQL database; one too many is refused at once."""
        writer = streams[1]
        if self.fault:
            writer.write(_mysql_error(*_FULL) if self.fault == "crowd" else b"")
            writer.close()
            return
        self.open.add(writer)
        try:
            await mysql(streams, path)
        finally:
            self.open.discard(writer)


async def cache(streams: Streams, path: str, tls: ssl.SSLContext) -> None:
    """Serve one client of a cache: TLS from the first byte on, as with in-transit encryption."""
    reader, writer = streams
    try:
        await writer.start_tls(tls, ssl_handshake_timeout=10)
        engine = await asyncio.open_unix_connection(path)
    except (OSError, TimeoutError):
        with contextlib.suppress(OSError):
            writer.close()
        return
    await pipe((reader, writer), engine)


async def mysql(streams: Streams, path: str) -> None:
    """Serve one client of a MySQL database, whose server terminates TLS itself.

    A client that does not request TLS in its first packet is refused, as with
    ``require_secure_transport`` (MySQL protocol, "Connection
    Phase": the flag CLIENT_SSL of the handshake response).
    """
    reader, writer = streams
    try:
        engine = await asyncio.open_unix_connection(path)
    except OSError:
        writer.close()
        return
    try:
        header = await engine[0].readexactly(4)
        writer.write(header + await engine[0].readexactly(int.from_bytes(header[:3], "little")))
        first = await asyncio.wait_for(reader.readexactly(8), 30)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        for end in (writer, engine[1]):
            end.close()
        return
    if not int.from_bytes(first[4:8], "little") & _CLIENT_SSL:
        writer.write(_mysql_error(*_INSECURE, number=first[3] + 1))
        for end in (writer, engine[1]):
            end.close()
        return
    engine[1].write(first)
    await pipe((reader, writer), engine)


def _mysql_error(code: int, state: str, message: str, *, number: int = 0) -> bytes:
    body = b"\xff" + code.to_bytes(2, "little") + b"#" + state.encode() + message.encode()
    return len(body).to_bytes(3, "little") + bytes([number]) + body


async def serve(streams: Streams, path: str, tls: ssl.SSLContext, *, full: bool = False) -> None:
    """Serve one client of a database; where it is ``full``, refuse it as PostgreSQL does."""
    reader, writer = streams
    try:
        first = await asyncio.wait_for(reader.readexactly(8), 30)
        while first == _GSS_REQUEST:
            writer.write(b"N")
            first = await asyncio.wait_for(reader.readexactly(8), 30)
        if first != _SSL_REQUEST:
            writer.write(_error("no pg_hba.conf entry for this host, no encryption"))
            await writer.drain()
            return
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(tls, ssl_handshake_timeout=10)
        if full:
            await asyncio.wait_for(reader.read(1024), 10)  # its start-up message
            writer.write(_error("sorry, too many clients already", b"53300"))
            await writer.drain()
            writer.close()
            return
        engine = await asyncio.open_unix_connection(path)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        with contextlib.suppress(OSError):
            writer.close()
        return
    await pipe((reader, writer), engine)


def _error(message: str, state: bytes = b"28000") -> bytes:
    fields = b"SFATAL\0VFATAL\0C" + state + b"\0M" + message.encode() + b"\0\0"
    return b"E" + struct.pack("!I", len(fields) + 4) + fields
