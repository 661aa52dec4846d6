"""S3 sends and joins objects block by block; none lies in memory whole.

Amazon S3 takes objects of 5 TB in parts (user guide, "Multipart upload limits"). moto reads a
whole object into memory for every GET, for a range of one byte too, and joins the parts of an
upload, and once more for a checksum that nobody asked for, in memory: 2 GiB take 6.
Test: tests/emulator/test_s3.py::test_a_large_object_is_streamed_and_not_held_in_memory.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from moto.s3 import exceptions
from moto.s3.models import FakeKey, FakeMultipart, MultipartChecksumBuilder
from moto.s3.responses import S3Response
from moto.settings import S3_UPLOAD_PART_MIN_SIZE

from seatrial_emulator.api.patches.patch import replace, wrap

BLOCK = 1 << 20
IN_MEMORY = 256 * 1024  # bytes of an object that may stay in memory; more goes to a file


def apply() -> None:
    """Stream what S3 sends, and what it joins."""
    _give_back_large_buffers()
    os.environ["MOTO_S3_DEFAULT_KEY_BUFFER_SIZE"] = str(IN_MEMORY)
    value = FakeKey.value
    replace(FakeKey, "value", property(value.fget, _accepting_blocks(value.fset)))
    replace(FakeMultipart, "complete", _complete)
    wrap(S3Response, "get_object", _get_object)


def _get_object(get: Callable[[Any], Any], self: Any) -> Any:
    find = self._get_key

    def found(*given: Any, **fields: Any) -> Any:
        key, not_modified = find(*given, **fields)
        return _Sent(key), not_modified

    self._get_key = found
    return get(self)


def _give_back_large_buffers() -> None:
    """Let glibc return each buffer over 1 MiB when it is freed.

    Its threshold grows to 32 MiB by itself (mallopt(3), M_MMAP_THRESHOLD), and then every
    thread's arena keeps the parts it once received.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(-3, BLOCK)


def _accepting_blocks(original: Any) -> Any:
    """Return a setter of a key's value that takes ``Blocks`` too."""

    def set_value(self: Any, value: Any) -> None:
        if not isinstance(value, Blocks):
            original(self, value)
            return
        self._value_buffer.seek(0)
        self._value_buffer.truncate()
        self.contentsize = sum(self._value_buffer.write(block) for block in value)

    return set_value


class _Sent:
    """A key as a GET sees it: its value is read when it is sent."""

    def __init__(self, key: Any) -> None:
        self._key = key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._key, name)

    @property
    def value(self) -> Stretch:
        return Stretch(self._key, 0, self._key.contentsize)


def _complete(self: Any, body: Iterator[tuple[int, str]]) -> tuple[Blocks, str, Any]:
    """Join the parts that a client names; raises S3's errors as moto does."""
    parts: list[Any] = []
    for number, etag in body:
        part = self.parts.get(number)
        if part is None or part.etag.strip('"') != etag.strip('"'):
            raise exceptions.InvalidPart()
        if parts and parts[-1].contentsize < S3_UPLOAD_PART_MIN_SIZE:
            raise exceptions.EntityTooSmall()
        parts.append(part)
    if not parts:
        raise exceptions.MalformedXML
    digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    checksum = _checksum(self.metadata, parts)
    self.parts = {}  # moto disposes of an upload's parts before the object is made
    return Blocks(_joined(parts)), etag, checksum


def _joined(parts: list[Any]) -> Iterator[bytes]:
    for part in parts:
        yield from Stretch(part, 0, part.contentsize)
        part.dispose()  # its disk is free before the next is read


def _checksum(requested: Any, parts: list[Any]) -> Any:
    """Return the checksum of checksums that a client asked for; of a whole object, none."""
    algorithm = requested.get("x-amz-checksum-algorithm")
    if algorithm is None:
        return None
    builder = MultipartChecksumBuilder(algorithm, requested.get("x-amz-checksum-type"))
    if builder.checksum_type != "COMPOSITE":
        return None
    for part in parts:
        builder.addPart(part.value)
    return builder.build()


class Stretch:
    """A stretch of an object, read when it is sent; what a range of ``bytes`` would be."""

    def __init__(self, key: Any, begin: int, end: int) -> None:
        self.key, self.begin, self.end = key, begin, end

    def __len__(self) -> int:
        """Return its bytes."""
        return max(0, self.end - self.begin)

    def __getitem__(self, part: slice) -> Stretch:
        """Return a part of it; nothing is read."""
        begin, end, _ = part.indices(len(self))
        return Stretch(self.key, self.begin + begin, self.begin + max(begin, end))

    def __iter__(self) -> Iterator[bytes]:
        """Read it block by block."""
        at = self.begin
        while at < self.end:
            with self.key.lock:
                self.key._value_buffer.seek(at)
                block = self.key._value_buffer.read(min(BLOCK, self.end - at))
            if not block:
                return
            at += len(block)
            yield block


class Blocks:
    """A value that is read once, block by block, when it is put."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.blocks = blocks

    def __iter__(self) -> Iterator[bytes]:
        """Read them."""
        return iter(self.blocks)


def file(path: Path) -> Blocks:
    """Return a file's bytes as a value."""

    def blocks() -> Iterator[bytes]:
        with path.open("rb") as opened:
            while block := opened.read(BLOCK):
                yield block

    return Blocks(blocks())
