"""The registry behind ECR's API: what docker, podman and buildah push to and pull from.

Source: OCI distribution specification 1.1 (the paths, headers and error codes are its own). Layers
are files named by their digest; manifests are ECR's records, so that both APIs show the same. As on
ECR, a repository must exist first, and a tag of an immutable one is not moved. A digest comes from
outside, in a path, a query or a manifest: none becomes the name of a file before it was checked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

PREFIX = "/v2/"
BLOCK = 1 << 20  # bytes
LARGEST_MANIFEST = 4 << 20  # bytes; the specification's least that a registry takes
USER = "AWS"
_PATH = re.compile(
    r"/v2/(?P<name>.+)/(?:blobs/uploads/(?P<upload>[^/]*)|blobs/(?P<blob>[^/]+)"
    r"|manifests/(?P<manifest>[^/]+))"
)
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_UPLOAD = re.compile(r"[0-9a-f]{32}")
_STATUS = {
    200: "200 OK",
    201: "201 Created",
    202: "202 Accepted",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    413: "413 Payload Too Large",
}


class RegistryError(Exception):
    """A refusal with one of the specification's error codes."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Response:
    """A status, headers, and a body: bytes, or a file that is sent block by block."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | BinaryIO = b""


@dataclass(frozen=True)
class Request:
    """One request; ``kind`` is its content type."""

    method: str
    query: dict[str, str]
    kind: str
    body: BinaryIO


class Registry:
    """The registry of one emulated account; ``records`` returns moto's ECR backend."""

    def __init__(self, folder: Path, records: Callable[[], Any], lock: Any) -> None:
        self.folder, self.records, self.lock = folder, records, lock
        self.password = secrets.token_urlsafe(30)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer one request."""
        try:
            response = self._respond(environ)
        except RegistryError as error:
            response = _refusal(error)
        headers = {"Docker-Distribution-Api-Version": "registry/2.0"} | response.headers
        if isinstance(response.body, bytes):
            headers.setdefault("Content-Length", str(len(response.body)))
        start(_STATUS[response.status], list(headers.items()))
        if environ["REQUEST_METHOD"] == "HEAD":
            return [b""]
        return [response.body] if isinstance(response.body, bytes) else _blocks(response.body)

    def token(self) -> dict[str, Any]:
        """Return what GetAuthorizationToken returns, without the endpoint."""
        pair = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        return {
            "authorizationToken": pair,
            "expiresAt": datetime.now(UTC) + timedelta(hours=12),
        }

    def authorization(self, host: str) -> str:
        """Return an engine's file of credentials for this registry."""
        return json.dumps({"auths": {host: {"auth": self.token()["authorizationToken"]}}})

    def config(self, manifest: str) -> dict[str, Any] | None:
        """Return an image's configuration; None where it was not pushed here."""
        try:
            (digest, *_) = _blobs(_parsed(manifest.encode()))
            found = json.loads(self._file(digest).read_text())
        except (RegistryError, ValueError, FileNotFoundError):
            return None
        return found if isinstance(found, dict) else None

    def _respond(self, environ: dict[str, Any]) -> Response:
        if not self._is_authorized(environ):
            raise RegistryError(401, "UNAUTHORIZED", "authentication required")
        if environ["PATH_INFO"] == PREFIX:
            return Response(200)
        match = _PATH.fullmatch(environ["PATH_INFO"])
        name = match["name"] if match else ""
        if match is None or not _NAME.fullmatch(name):
            raise RegistryError(404, "NAME_INVALID", "invalid repository name")
        if self._repository(name) is None:
            raise RegistryError(404, "NAME_UNKNOWN", f"there is no repository {name}")
        request = _request(environ)
        if match["manifest"]:
            return self._manifest(request, name, match["manifest"])
        if match["blob"]:
            return self._blob(request, match["blob"])
        return self._upload(request, name, match["upload"])

    def _is_authorized(self, environ: dict[str, Any]) -> bool:
        wanted = f"Basic {self.token()['authorizationToken']}".encode()
        given = str(environ.get("HTTP_AUTHORIZATION", ""))
        return secrets.compare_digest(given.encode(), wanted)

    def _repository(self, name: str) -> Any:
        with self.lock:
            return self.records().repositories.get(name)

    def _file(self, digest: str) -> Path:
        """Return the file of a layer; raises RegistryError for what is no digest."""
        return self.folder / _checked(digest).removeprefix("sha256:")

    def _blob(self, request: Request, digest: str) -> Response:
        file = self._file(digest)
        if request.method not in ("GET", "HEAD"):
            return Response(405)
        if not file.is_file():
            raise RegistryError(404, "BLOB_UNKNOWN", digest)
        headers = {
            "Content-Length": str(file.stat().st_size),
            "Content-Type": "application/octet-stream",
            "Docker-Content-Digest": digest,
        }
        return Response(200, headers, file.open("rb") if request.method == "GET" else b"")

    def _upload(self, request: Request, name: str, upload: str) -> Response:
        """Take a layer: POST begins, PATCH adds, PUT ends and names the digest."""
        digest = _checked(request.query["digest"]) if "digest" in request.query else ""
        self.folder.mkdir(parents=True, exist_ok=True)
        if request.method == "POST" and not upload:
            mounted = request.query.get("mount", "")
            if mounted and self._file(mounted).is_file():
                return _created(f"{PREFIX}{name}/blobs/{mounted}", mounted)
            upload = uuid.uuid4().hex
            (self.folder / f"{upload}.part").touch()
        elif request.method not in ("PATCH", "PUT"):
            return Response(405)
        part = self.folder / f"{upload}.part"
        if not _UPLOAD.fullmatch(upload) or not part.exists():
            raise RegistryError(404, "BLOB_UPLOAD_UNKNOWN", "there is no such upload")
        if request.method == "PUT" and not digest:
            raise RegistryError(400, "DIGEST_INVALID", "the upload ends without a digest")
        with part.open("ab") as file:
            for block in _blocks(request.body):
                file.write(block)
        if digest:
            return self._end_upload(name, part, digest)
        headers = {
            "Location": f"{PREFIX}{name}/blobs/uploads/{upload}",
            "Docker-Upload-UUID": upload,
            "Range": f"0-{max(part.stat().st_size - 1, 0)}",
        }
        return Response(202, headers)

    def _end_upload(self, name: str, part: Path, digest: str) -> Response:
        with part.open("rb") as file:
            found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        if found != digest:
            part.unlink()
            raise RegistryError(400, "DIGEST_INVALID", f"the content is {found}, not {digest}")
        part.replace(self._file(digest))
        return _created(f"{PREFIX}{name}/blobs/{digest}", digest)

    def _manifest(self, request: Request, name: str, reference: str) -> Response:
        if ":" in reference:
            _checked(reference)
        elif not _TAG.fullmatch(reference):
            raise RegistryError(400, "TAG_INVALID", "invalid tag")
        if request.method == "PUT":
            return self._put_manifest(request, name, reference)
        if request.method not in ("GET", "HEAD"):
            return Response(405)
        with self.lock:
            for image in self._repository(name).images:
                if reference in (image.get_image_digest(), *image.image_tags):
                    body = image.image_manifest.encode()
                    headers = {
                        "Content-Type": image.image_manifest_media_type,
                        "Content-Length": str(len(body)),
                        "Docker-Content-Digest": image.get_image_digest(),
                    }
                    return Response(200, headers, body)
        raise RegistryError(404, "MANIFEST_UNKNOWN", reference)

    def _put_manifest(self, request: Request, name: str, reference: str) -> Response:
        body = b"".join(_blocks(request.body, LARGEST_MANIFEST))
        row = _parsed(body)
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        if ":" in reference and reference != digest:
            raise RegistryError(400, "DIGEST_INVALID", f"the manifest is {digest}")
        missing = [blob for blob in _blobs(row) if not self._file(blob).is_file()]
        if missing:
            raise RegistryError(404, "MANIFEST_BLOB_UNKNOWN", ", ".join(missing))
        kind = str(row.get("mediaType") or request.kind)
        with self.lock:
            self._record_image(name, reference, body.decode(), digest, kind=kind)
        return _created(f"{PREFIX}{name}/manifests/{digest}", digest)

    def _record_image(
        self, name: str, reference: str, manifest: str, digest: str, *, kind: str
    ) -> None:
        """Make an image ECR's record; a tag of an immutable repository is not moved."""
        repository = self._repository(name)
        tagged = [image for image in repository.images if reference in image.image_tags]
        if any(image.get_image_digest() == digest for image in tagged):
            return
        if tagged and repository.image_tag_mutability == "IMMUTABLE":
            raise RegistryError(400, "TAG_INVALID", f"the tag {reference} is immutable")
        tag = None if ":" in reference else reference
        self.records().put_image(name, manifest, tag, kind)


def use_for_ecr(registry: Registry) -> None:
    """Let ECR's GetAuthorizationToken name this registry, by the host the request came to."""
    from moto.core.responses import ActionResult
    from moto.ecr.responses import ECRResponse

    from seatrial_emulator.api.patches.patch import replace

    def get_authorization_token(self: Any) -> Any:
        row = registry.token() | {"proxyEndpoint": f"http://{self.headers['Host']}"}
        return ActionResult({"authorizationData": [row]})

    replace(ECRResponse, "get_authorization_token", get_authorization_token)


def _checked(digest: str) -> str:
    """Return a digest; raises RegistryError for anything that is none."""
    if not _DIGEST.fullmatch(digest):
        raise RegistryError(400, "DIGEST_INVALID", "a digest is sha256: and 64 hexadecimal digits")
    return digest


def _parsed(manifest: bytes) -> dict[str, Any]:
    """Return a manifest; raises RegistryError where it is no JSON object."""
    try:
        row = json.loads(manifest.decode())
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise RegistryError(400, "MANIFEST_INVALID", "a manifest is a JSON object")
    return row


def _blobs(manifest: dict[str, Any]) -> list[str]:
    """Return the digests that a manifest names, its configuration's first; none for an index."""
    if "config" not in manifest:
        return []
    layers = manifest.get("layers") or []
    parts = [manifest["config"], *(layers if isinstance(layers, list) else [None])]
    if not all(isinstance(part, dict) for part in parts):
        raise RegistryError(400, "MANIFEST_INVALID", "each descriptor is an object")
    return [_checked(str(part.get("digest", ""))) for part in parts]


def _request(environ: dict[str, Any]) -> Request:
    length = environ.get("CONTENT_LENGTH")
    body = environ["wsgi.input"]
    if not environ.get("wsgi.input_terminated"):
        body = _Bounded(body, int(length or 0))
    return Request(
        environ["REQUEST_METHOD"],
        dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        environ.get("CONTENT_TYPE", ""),
        body,
    )


class _Bounded:
    """A body that ends where its length says, on a connection that stays open."""

    def __init__(self, body: Any, length: int) -> None:
        self.body, self.left = body, length

    def read(self, size: int) -> bytes:
        """Read at most so many bytes of it."""
        block: bytes = self.body.read(min(size, self.left))
        self.left -= len(block)
        return block

    def close(self) -> None:
        """Leave the connection open."""


def _blocks(body: Any, most: int | None = None) -> Iterator[bytes]:
    """Read a body block by block; raises RegistryError where it has more than ``most`` bytes."""
    count = 0
    try:
        while block := body.read(BLOCK):
            count += len(block)
            if most is not None and count > most:
                raise RegistryError(413, "SIZE_INVALID", f"more than {most} bytes")
            yield block
    finally:
        body.close()


def _created(location: str, digest: str) -> Response:
    return Response(201, {"Location": location, "Docker-Content-Digest": digest})


def _refusal(error: RegistryError) -> Response:
    row = {"code": error.code, "message": error.message}
    headers = {"Content-Type": "application/json"}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="seatrial"'
    return Response(error.status, headers, json.dumps({"errors": [row]}).encode())
