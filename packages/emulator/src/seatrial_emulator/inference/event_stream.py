"""AWS's event stream, as ConverseStream answers (Smithy, "Amazon Event Stream Specification").

A message: its length and its headers' length as big-endian 32 bits, a CRC of these, the headers,
the payload, a CRC of all before it. A header: its name's length and name, 7 for a string, the
value's length in 16 bits and the value.
"""

from __future__ import annotations

import json
import struct
from binascii import crc32
from typing import Any

STRING = 7
PRELUDE, CRC = 8, 4  # bytes


def event(kind: str, body: dict[str, Any]) -> bytes:
    """Return one event."""
    return _message({":event-type": kind, ":message-type": "event"}, body)


def exception(kind: str, message: str) -> bytes:
    """Return the exception that ends a stream; ``kind`` as the stream's shape names it."""
    headers = {":exception-type": kind, ":message-type": "exception"}
    return _message(headers, {"message": message})


def _message(headers: dict[str, str], body: dict[str, Any]) -> bytes:
    payload = json.dumps(body).encode()
    packed = b"".join(_header(*row) for row in (headers | _CONTENT).items())
    length = PRELUDE + CRC + len(packed) + len(payload) + CRC
    prelude = struct.pack(">II", length, len(packed))
    whole = prelude + struct.pack(">I", crc32(prelude)) + packed + payload
    return whole + struct.pack(">I", crc32(whole))


_CONTENT = {":content-type": "application/json"}


def _header(name: str, value: str) -> bytes:
    data = value.encode()
    return (
        struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", STRING, len(data)) + data
    )
