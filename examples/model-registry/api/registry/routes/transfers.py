"""Bytes: uploads in, downloads out, any size, a block at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import re2
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from registry import artifacts, objects
from registry.errors import RefusedError
from registry.routes import links
from registry.routes.access import Here, Uploader
from registry.routes.shapes import Id, Name
from registry.store import Registry
from registry.tables import Artifact, Object, User
from seatrial_runtime.buckets import Upload

routes = APIRouter(tags=["transfers"])
RANGE = re2.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
DIGEST = re2.compile(r"[0-9a-fA-F]{64}")


@routes.post("/upload", status_code=201)
async def upload(
    here: Here,
    user: Uploader,
    request: Request,
    filename: Annotated[Name, Query(min_length=1, max_length=255)] = "artifact.zip",
    x_checksum_sha256: Annotated[str | None, Header(alias="X-Checksum-SHA256")] = None,
) -> dict[str, Any]:
    """Take the body as a file; the answer's `url` is what `POST /artifact/...` takes.

    `curl -T model.zip -X POST -H "X-Authorization: $TOKEN" "$API/upload?filename=model.zip"`.
    With `X-Checksum-SHA256` (hex), bytes that arrive otherwise are refused.
    """
    name = filename.replace("\\", "/").rpartition("/")[2]
    if not name or name == "*":
        raise RefusedError(400, "a file has a name")
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RefusedError(415, "send the file itself as the body (curl -T FILE), not a form")
    if int(request.headers.get("content-length") or 0) > here.settings.largest_upload:
        raise RefusedError(413, f"at most {here.settings.largest_upload} bytes")
    lease = await asyncio.to_thread(objects.begin, here, name)
    made = here.bucket.upload(lease.key)
    beating = asyncio.create_task(_beat(lease))
    try:
        await made.take(request.stream(), here.settings.largest_upload)
        _check(made, x_checksum_sha256)
        await asyncio.to_thread(_finish, here, made, lease)
    except BaseException as error:
        await asyncio.shield(asyncio.to_thread(_give_up, here, made, lease))
        if isinstance(error, OverflowError):
            most = here.settings.largest_upload
            raise RefusedError(413, f"at most {most} bytes") from error
        raise
    finally:
        beating.cancel()
    number = lease.key.removeprefix(objects.PREFIX)
    url = str(request.base_url.replace(path=f"/upload/{number}"))
    return {"url": url, "filename": name, "size": made.size, "sha256": made.sha256}


async def _beat(lease: objects.Lease) -> None:
    """Renew a lease while bytes flow, while they wait for a thread, and while S3 joins parts."""
    while True:
        await asyncio.sleep(lease.pause)
        with contextlib.suppress(RefusedError, SQLAlchemyError):  # the end of the upload tells
            await asyncio.to_thread(lease.renew)


def _check(made: Upload, wanted: str | None) -> None:
    if wanted is not None and not DIGEST.fullmatch(wanted):
        raise RefusedError(400, "X-Checksum-SHA256 is 64 hexadecimal digits")
    if wanted is not None and wanted.lower() != made.sha256:
        raise RefusedError(400, f"what arrived has the checksum {made.sha256}: send it again")


def _finish(here: Registry, made: Upload, lease: objects.Lease) -> None:
    made.finish()
    with here.transaction() as db:
        objects.finish(db, lease.key, made, "uploaded", here.settings.upload_waits)


def _give_up(here: Registry, made: Upload, lease: objects.Lease) -> None:
    made.abandon()
    here.bucket.delete(lease.key)
    with here.transaction() as db:
        objects.discard(db, [lease.key])
    objects.purge(here, 10)


@routes.head("/download/{id}", include_in_schema=False)
@routes.get("/download/{id}", name="download")
def download(
    here: Here,
    id: Id,
    request: Request,
    user: int,
    expires: int,
    signature: str,
) -> Response:
    """Give an artifact's bytes to whoever has its link; or a range of them."""
    links.check(here, id, user, expires, signature)
    with here.transaction() as db:
        artifact = db.scalar(select(Artifact).where(Artifact.id == id, Artifact.state == "ready"))
        row = db.get(Object, artifact.object_key) if artifact else None
        who = db.get(User, user)
        if artifact is None or row is None or who is None:
            raise RefusedError(404, artifacts.GONE)
        begin, end = _span(request, row)
        if begin == 0 and request.method == "GET":  # what goes on after a break is no new download
            artifacts.record(db, who, artifact, "DOWNLOAD")
    headers = {
        "accept-ranges": "bytes",
        "content-length": str(end - begin),
        "content-disposition": f"attachment; filename*=UTF-8''{quote(row.filename)}",
        "etag": f'"{row.sha256}"',
        "x-checksum-sha256": row.sha256,
        "x-content-type-options": "nosniff",
    }
    part = end - begin < row.size
    if part:
        headers["content-range"] = f"bytes {begin}-{end - 1}/{row.size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(None, status, headers, "application/octet-stream")
    body: Iterator[bytes] = here.bucket.read(row.key, begin, end) if end > begin else iter(())
    return StreamingResponse(body, status, headers, "application/octet-stream")


def _span(request: Request, row: Object) -> tuple[int, int]:
    """Return the bytes that are asked for: a range, or all; raises RefusedError 416."""
    match = RANGE.fullmatch(request.headers.get("range", ""))
    unless = request.headers.get("if-range")
    if not match or not any(match.groups()) or (unless and unless != f'"{row.sha256}"'):
        return 0, row.size
    first, last = match.group(1), match.group(2)
    if not first:
        return max(0, row.size - int(last)), row.size
    begin = int(first)
    end = min(row.size, int(last) + 1) if last else row.size
    if begin >= row.size or end <= begin:
        raise RefusedError(416, f"the object has {row.size} bytes")
    return begin, end
