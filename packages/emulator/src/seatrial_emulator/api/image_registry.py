"""The registry behind ECR's API: what docker, podman and buildah push to and pull from.

Source: OCI distribution specification 1.1 (the paths, headers and codes are its own). Layers lie in
files under their digest; manifests are ECR's records, so that both APIs tell the same. As on ECR, a
repository must exist first, and a tag of an immutable one is not moved.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

PREFIX = "/v2/"
BLOCK = 1 << 20  # bytes
USER = "AWS"
_PATHS = re.compile(
    r"^/v2/(?P<name>[a-z0-9][a-z0-9._/-]*?)/"
    r"(?:blobs/(?:uploads/(?P<upload>[0-9a-f]*)|(?P<blob>sha256:[0-9a-f]{64}))"
    r"|manifests/(?P<manifest>[A-Za-z0-9_.:-]+))$"
)
_STATUS = {
    200: "200 OK",
    201: "201 Created",
    202: "202 Accepted",
    204: "204 No Content",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
}


@dataclass(frozen=True)
class Answer:
    """A status, headers, and a body: bytes, or a file that is sent block by block."""

    status: int
    headers: dict[str, str]
    body: bytes | BinaryIO = b""


@dataclass(frozen=True)
class Asked:
    """One request."""

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
        answer = self._answer(environ)
        headers = {"Docker-Distribution-Api-Version": "registry/2.0"} | answer.headers
        if isinstance(answer.body, bytes):
            headers.setdefault("Content-Length", str(len(answer.body)))
        start(_STATUS[answer.status], list(headers.items()))
        if environ["REQUEST_METHOD"] == "HEAD":
            return [b""]
        return [answer.body] if isinstance(answer.body, bytes) else _blocks(answer.body)

    def token(self) -> dict[str, Any]:
        """Return what GetAuthorizationToken says, but for the address."""
        pair = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        return {
            "authorizationToken": pair,
            "expiresAt": datetime.now(UTC) + timedelta(hours=12),
        }

    def authorization(self, host: str) -> str:
        """Return an engine's file of credentials for this registry."""
        return json.dumps({"auths": {host: {"auth": self.token()["authorizationToken"]}}})

    def config(self, manifest: str) -> dict[str, Any] | None:
        """Return an image's configuration; None where its layers did not come here."""
        digest = json.loads(manifest).get("config", {}).get("digest", "")
        file = self._file(digest)
        found: dict[str, Any] | None = json.loads(file.read_text()) if file.is_file() else None
        return found

    def _answer(self, environ: dict[str, Any]) -> Answer:
        if not self._known(environ):
            challenge = {"WWW-Authenticate": 'Basic realm="seatrial"'}
            return _refusal(401, "UNAUTHORIZED", "who are you?", challenge)
        path = environ["PATH_INFO"]
        if path == PREFIX:
            return Answer(200, {})
        match = _PATHS.match(path)
        if match is None:
            return _refusal(404, "NAME_INVALID", path)
        if self._repository(match["name"]) is None:
            return _refusal(404, "NAME_UNKNOWN", f"there is no repository {match['name']}")
        asked = _asked(environ)
        if match["manifest"]:
            return self._manifest(asked, match["name"], match["manifest"])
        if match["blob"]:
            return self._blob(asked, match["blob"])
        return self._upload(asked, match["name"], match["upload"])

    def _known(self, environ: dict[str, Any]) -> bool:
        wanted = f"Basic {self.token()['authorizationToken']}"
        return secrets.compare_digest(environ.get("HTTP_AUTHORIZATION", ""), wanted)

    def _repository(self, name: str) -> Any:
        with self.lock:
            return self.records().repositories.get(name)

    def _file(self, digest: str) -> Path:
        """Return where a layer lies; its name is checked where it comes from outside."""
        return self.folder / digest.removeprefix("sha256:")

    def _blob(self, asked: Asked, digest: str) -> Answer:
        file = self._file(digest)
        if asked.method not in ("GET", "HEAD"):
            return Answer(405, {})
        if not file.is_file():
            return _refusal(404, "BLOB_UNKNOWN", digest)
        headers = {
            "Content-Length": str(file.stat().st_size),
            "Content-Type": "application/octet-stream",
            "Docker-Content-Digest": digest,
        }
        return Answer(200, headers, file.open("rb") if asked.method == "GET" else b"")

    def _upload(self, asked: Asked, name: str, upload: str) -> Answer:
        """Take a layer: POST begins, PATCH adds, PUT ends and names the digest."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if asked.method == "POST":
            mounted = asked.query.get("mount", "")
            if mounted and self._file(mounted).is_file():
                return _made(f"{PREFIX}{name}/blobs/{mounted}", mounted)
            upload = uuid.uuid4().hex
        part = self.folder / f"{upload}.part"
        if asked.method not in ("POST", "PATCH", "PUT") or not upload:
            return Answer(405, {})
        if asked.method != "POST" and not part.exists():
            return _refusal(404, "BLOB_UPLOAD_UNKNOWN", upload)
        with part.open("ab") as file:
            for block in _blocks(asked.body):
                file.write(block)
        if digest := asked.query.get("digest", ""):
            return self._ended(name, part, digest)
        headers = {
            "Location": f"{PREFIX}{name}/blobs/uploads/{upload}",
            "Docker-Upload-UUID": upload,
            "Range": f"0-{max(part.stat().st_size - 1, 0)}",
        }
        return Answer(202, headers)

    def _ended(self, name: str, part: Path, digest: str) -> Answer:
        with part.open("rb") as file:
            found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        if found != digest:
            part.unlink()
            return _refusal(400, "DIGEST_INVALID", f"{digest} was named, {found} came")
        part.replace(self._file(digest))
        return _made(f"{PREFIX}{name}/blobs/{digest}", digest)

    def _manifest(self, asked: Asked, name: str, reference: str) -> Answer:
        if asked.method == "PUT":
            return self._put(asked, name, reference)
        if asked.method not in ("GET", "HEAD"):
            return Answer(405, {})
        with self.lock:
            for image in self._repository(name).images:
                if reference in (image.get_image_digest(), *image.image_tags):
                    body = image.image_manifest.encode()
                    headers = {
                        "Content-Type": image.image_manifest_media_type,
                        "Content-Length": str(len(body)),
                        "Docker-Content-Digest": image.get_image_digest(),
                    }
                    return Answer(200, headers, body)
        return _refusal(404, "MANIFEST_UNKNOWN", reference)

    def _put(self, asked: Asked, name: str, reference: str) -> Answer:
        body = b"".join(_blocks(asked.body))
        try:
            row = json.loads(body)
        except ValueError:
            return _refusal(400, "MANIFEST_INVALID", "no JSON")
        parts = [row["config"], *row.get("layers", [])] if "config" in row else []
        if missing := [p["digest"] for p in parts if not self._file(p["digest"]).is_file()]:
            return _refusal(400, "MANIFEST_BLOB_UNKNOWN", ", ".join(missing))
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        kind = row.get("mediaType") or asked.kind
        with self.lock:
            repository = self._repository(name)
            taken = [i for i in repository.images if reference in i.image_tags]
            same = any(i.get_image_digest() == digest for i in taken)
            if taken and not same and repository.image_tag_mutability == "IMMUTABLE":
                return _refusal(400, "TAG_INVALID", f"the tag {reference} is not moved")
            if not same:
                tag = None if reference.startswith("sha256:") else reference
                self.records().put_image(name, body.decode(), tag, kind)
        return _made(f"{PREFIX}{name}/manifests/{digest}", digest)


def behind_ecr(registry: Registry) -> None:
    """Let ECR's API name this registry: the host that the request came to."""
    from moto.core.responses import ActionResult
    from moto.ecr.responses import ECRResponse

    from seatrial_emulator.api.patches.patch import replace

    def get_authorization_token(self: Any) -> Any:
        row = registry.token() | {"proxyEndpoint": f"http://{self.headers['Host']}"}
        return ActionResult({"authorizationData": [row]})

    replace(ECRResponse, "get_authorization_token", get_authorization_token)


def _asked(environ: dict[str, Any]) -> Asked:
    from urllib.parse import parse_qsl

    length = environ.get("CONTENT_LENGTH")
    body = environ["wsgi.input"]
    if not environ.get("wsgi.input_terminated"):
        body = _Bounded(body, int(length or 0))
    return Asked(
        environ["REQUEST_METHOD"],
        dict(parse_qsl(environ.get("QUERY_STRING", ""))),
        environ.get("CONTENT_TYPE", ""),
        body,
    )


class _Bounded:
    """A body that ends where its length says, on a connection that goes on."""

    def __init__(self, body: Any, length: int) -> None:
        self.body, self.left = body, length

    def read(self, size: int) -> bytes:
        block: bytes = self.body.read(min(size, self.left))
        self.left -= len(block)
        return block

    def close(self) -> None:
        """Leave the connection open."""


def _blocks(body: Any) -> Iterator[bytes]:
    try:
        while block := body.read(BLOCK):
            yield block
    finally:
        body.close()


def _made(location: str, digest: str) -> Answer:
    return Answer(201, {"Location": location, "Docker-Content-Digest": digest})


def _refusal(status: int, code: str, text: str, headers: dict[str, str] | None = None) -> Answer:
    body = json.dumps({"errors": [{"code": code, "message": text}]}).encode()
    return Answer(status, {"Content-Type": "application/json"} | (headers or {}), body)
