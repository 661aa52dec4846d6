"""A bucket that the app file gives by ``uses: [models]``: objects of any size at flat memory.

    from seatrial_runtime import buckets
    models = buckets.bucket("models")
    with models.upload("weights.bin") as upload:      # sent in parts; nothing is left on an error
        for block in blocks:
            upload.write(block)
    print(upload.size, upload.sha256)
    for block in models.read("weights.bin", begin=1 << 20): ...

Needs ``boto3``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import os
from collections.abc import AsyncIterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial_runtime import contract

BLOCK = 1 << 20
# S3 takes 10,000 parts of at least 5 MiB (user guide, "Multipart upload limits"): a thousand of
# 8 MiB, then parts of 64 MiB, reach 570 GiB.
PART, LARGE_PART, SMALL_PARTS = 8 << 20, 64 << 20, 1000


@dataclass(frozen=True)
class Unfinished:
    """An upload in parts that was never completed."""

    key: str
    upload: str
    begun: datetime


class Bucket:
    """One bucket; may be shared by threads."""

    def __init__(self, name: str, client: Any) -> None:
        self.name, self.client = name, client

    def upload(self, key: str, content_type: str = "application/octet-stream") -> Upload:
        """Return an upload to write to; the object is there when its block ends well."""
        return Upload(self, key, content_type)

    def read(self, key: str, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield an object's bytes from ``begin`` to before ``end``; raises KeyError."""
        spread = f"bytes={begin}-{'' if end is None else end - 1}"
        span = {"Range": spread} if begin or end is not None else {}
        try:
            body = self.client.get_object(Bucket=self.name, Key=key, **span)["Body"]
        except self.client.exceptions.NoSuchKey:
            raise KeyError(key) from None
        with contextlib.closing(body):
            yield from body.iter_chunks(BLOCK)

    def file(self, key: str, size: int) -> io.BufferedReader:
        """Return an object as a file that can be sought; only what is read is fetched."""
        return io.BufferedReader(_Remote(self, key, size), 64 * 1024)

    def delete(self, key: str) -> None:
        """Delete an object; no error where there is none."""
        self.client.delete_object(Bucket=self.name, Key=key)

    def keys(self, prefix: str = "") -> Iterator[tuple[str, datetime]]:
        """Yield every object's key and time (UTC)."""
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.name, Prefix=prefix):
            for row in page.get("Contents", ()):
                yield row["Key"], row["LastModified"]

    def unfinished(self, prefix: str = "") -> list[Unfinished]:
        """Return the uploads that were begun and neither completed nor aborted."""
        pages = self.client.get_paginator("list_multipart_uploads")
        return [
            Unfinished(row["Key"], row["UploadId"], row["Initiated"])
            for page in pages.paginate(Bucket=self.name, Prefix=prefix)
            for row in page.get("Uploads", ())
        ]

    def abort(self, upload: Unfinished) -> None:
        """Forget an unfinished upload and its parts."""
        with contextlib.suppress(self.client.exceptions.NoSuchUpload):
            self.client.abort_multipart_upload(
                Bucket=self.name, Key=upload.key, UploadId=upload.upload
            )


class Upload:
    """Bytes on their way to one object: at most one part of them is in memory."""

    def __init__(self, bucket: Bucket, key: str, content_type: str) -> None:
        self.bucket, self.key, self.content_type = bucket, key, content_type
        self.size = 0  # bytes
        self._hash = hashlib.sha256()
        self._pending = bytearray()
        self._number = ""
        self._parts: list[dict[str, Any]] = []

    @property
    def sha256(self) -> str:
        """Return the hex digest of what was written so far."""
        return self._hash.hexdigest()

    def write(self, block: bytes) -> None:
        """Take the next bytes; sends a part where enough are there."""
        self._pending += block
        self.size += len(block)
        self._hash.update(block)
        if len(self._pending) >= self._wanted():
            self._send()

    async def take(self, blocks: AsyncIterable[bytes], most: int | None = None) -> None:
        """Take all of a request's body; S3 is spoken to in a thread.

        Raises OverflowError when more than ``most`` bytes come.
        """
        gathered = bytearray()
        async for block in blocks:
            gathered += block
            if most is not None and self.size + len(gathered) > most:
                raise OverflowError(most)
            if len(gathered) >= BLOCK:
                await asyncio.to_thread(self.write, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(self.write, bytes(gathered))

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.finish()
        else:
            self.abandon()

    def finish(self) -> None:
        """Make the object."""
        to = {"Bucket": self.bucket.name, "Key": self.key}
        if not self._number:
            body = bytes(self._pending)
            self.bucket.client.put_object(**to, Body=body, ContentType=self.content_type)
            return
        if self._pending:
            self._send()
        self.bucket.client.complete_multipart_upload(
            **to, UploadId=self._number, MultipartUpload={"Parts": self._parts}
        )

    def abandon(self) -> None:
        """Forget what was sent; no error where it is forgotten, or finished, already."""
        if not self._number:
            return
        with contextlib.suppress(self.bucket.client.exceptions.NoSuchUpload):
            self.bucket.client.abort_multipart_upload(
                Bucket=self.bucket.name, Key=self.key, UploadId=self._number
            )

    def _wanted(self) -> int:
        return PART if len(self._parts) < SMALL_PARTS else LARGE_PART

    def _send(self) -> None:
        client, to = self.bucket.client, {"Bucket": self.bucket.name, "Key": self.key}
        if not self._number:
            begun = client.create_multipart_upload(**to, ContentType=self.content_type)
            self._number = begun["UploadId"]
        number, part = len(self._parts) + 1, self._pending
        self._pending = bytearray()
        sent = client.upload_part(**to, UploadId=self._number, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})


class _Remote(io.RawIOBase):
    """A seekable file over ranges of an object."""

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        self.bucket, self.key, self.size, self.at = bucket, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        self.at = max(0, base + offset)
        return self.at

    def readinto(self, buffer: Any) -> int:
        end = min(self.size, self.at + len(buffer))
        if end <= self.at:
            return 0
        found = b"".join(self.bucket.read(self.key, self.at, end))
        buffer[: len(found)] = found
        self.at += len(found)
        return len(found)


def bucket(noun: str, *, environment: Mapping[str, str] | None = None) -> Bucket:
    """Return a bucket of the app file; raises LookupError where it is not given."""
    given = os.environ if environment is None else environment
    name = contract.variable(noun, "BUCKET")
    if name not in given:
        raise LookupError(f"{name} is not set: does the service say `uses: [{noun}]`?")
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=50,
    )
    return Bucket(given[name], boto3.client("s3", config=config))
