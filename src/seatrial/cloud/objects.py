"""Objects of a bucket, by their keys: what is there, put, copied, removed."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from seatrial.cloud.session import Session, aws_errors

PARALLEL = 8
PART = 8 * 1024 * 1024  # bytes from which boto3 sends parts, whose ETag is no MD5
MOST_DELETED = 1000  # keys of one DeleteObjects (S3 API reference)


def listed(session: Session, bucket: str, prefix: str = "") -> dict[str, str]:
    """Return the ETag of every object whose key begins so."""
    with aws_errors(f"to list {bucket}"):
        pages = session.client("s3").get_paginator("list_objects_v2")
        return {
            str(row["Key"]): str(row["ETag"]).strip('"')
            for page in pages.paginate(Bucket=bucket, Prefix=prefix)
            for row in page.get("Contents", [])
        }


def etag(path: Path) -> str:
    """Return the ETag that a file would have; empty for a file that is sent in parts."""
    if path.stat().st_size >= PART:
        return ""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def put(
    session: Session, bucket: str, files: Mapping[str, Path], headers: Mapping[str, str]
) -> int:
    """Upload files, several at once; ``headers`` is the Cache-Control of those that have one."""
    s3 = session.client("s3")

    def one(key: str) -> None:
        more = {"ContentType": kind(key)}
        if key in headers:
            more["CacheControl"] = headers[key]
        s3.upload_file(str(files[key]), bucket, key, ExtraArgs=more)

    return _each(one, files, f"to upload to {bucket}")


def copy(session: Session, bucket: str, pairs: Mapping[str, str]) -> int:
    """Copy objects inside a bucket, with their headers: target key by source key."""
    s3 = session.client("s3")

    def one(source: str) -> None:
        s3.copy_object(
            Bucket=bucket, Key=pairs[source], CopySource={"Bucket": bucket, "Key": source}
        )

    return _each(one, pairs, f"to copy inside {bucket}")


def _each(work: Callable[[str], None], keys: Iterable[str], what: str) -> int:
    with aws_errors(what), ThreadPoolExecutor(PARALLEL) as pool:
        return len(list(pool.map(work, keys)))


def remove(session: Session, bucket: str, keys: Iterable[str]) -> int:
    """Delete objects; return how many."""
    every = sorted(keys)
    with aws_errors(f"to remove objects of {bucket}"):
        for start in range(0, len(every), MOST_DELETED):
            rows: list[Any] = [{"Key": key} for key in every[start : start + MOST_DELETED]]
            session.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": rows})
    return len(every)


def read(session: Session, bucket: str, key: str) -> bytes:
    """Return an object's bytes; nothing where there is no such object."""
    if key not in listed(session, bucket, key):
        return b""
    with aws_errors(f"to read {key} of {bucket}"):
        body: bytes = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def write(session: Session, bucket: str, key: str, body: bytes) -> None:
    """Put a small object."""
    with aws_errors(f"to write {key} of {bucket}"):
        session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def kind(key: str) -> str:
    """Return the media type of a key's ending, text with its encoding."""
    found = mimetypes.guess_type(key)[0] or "application/octet-stream"
    text = found.startswith("text/") or found in ("application/javascript", "application/json")
    return f"{found}; charset=utf-8" if text else found


def invalidate(session: Session, distribution: str, reference: str) -> None:
    """Let a distribution forget what it has cached; AWS obeys within a minute or so."""
    with aws_errors(f"to invalidate {distribution}"):
        session.client("cloudfront").create_invalidation(
            DistributionId=distribution,
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": ["/*"]},
                "CallerReference": reference,
            },
        )


def export(session: Session, bucket: str, into: Path) -> int:
    """Download a bucket's objects into a folder, each under its quoted key; return how many."""
    s3, count = session.client("s3"), 0
    into.mkdir(parents=True, exist_ok=True)
    with aws_errors(f"to export {bucket}"):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for row in page.get("Contents", []):
                s3.download_file(bucket, row["Key"], str(into / quote(row["Key"], safe="")))
                count += 1
    return count


def size(session: Session, bucket: str) -> tuple[int, int]:
    """Return how many objects a bucket holds, and their bytes."""
    count = total = 0
    with aws_errors(f"to count the objects of {bucket}"):
        pages = session.client("s3").get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket):
            for row in page.get("Contents", []):
                count, total = count + 1, total + int(row["Size"])
    return count, total
