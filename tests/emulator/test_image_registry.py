"""The image registry stores what digests say, and no name leads out of its folder."""

from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from helpers import EmulatorProcess

pytestmark = pytest.mark.slow
REPOSITORY = "team/app"
KIND = "application/vnd.oci.image.manifest.v1+json"
Answer = tuple[int, str, dict[str, str]]


class Client:
    """Speaks the registry's HTTP API without any client's own checks."""

    def __init__(self, emulator: EmulatorProcess) -> None:
        row = emulator.client("ecr").get_authorization_token()["authorizationData"][0]
        self.host = row["proxyEndpoint"].removeprefix("http://")
        self.headers = {"Authorization": f"Basic {row['authorizationToken']}"}
        self.folder = emulator.folder

    def send(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Return status, error code and headers."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        connection.request(method, path, body, self.headers)
        answer = connection.getresponse()
        text = answer.read()
        code = ""
        if answer.status >= 400 and text.startswith(b'{"errors"'):
            code = json.loads(text)["errors"][0]["code"]
        headers = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return answer.status, code, headers

    def upload(self, content: bytes, digest: str) -> Answer:
        """Begin an upload and end it under a digest."""
        _, _, headers = self.send("POST", f"/v2/{REPOSITORY}/blobs/uploads/")
        return self.send("PUT", f"{headers['location']}?digest={quote(digest)}", content)

    def push(self, manifest: Any, reference: str = "v1") -> Answer:
        """Put a manifest."""
        body = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        return self.send("PUT", f"/v2/{REPOSITORY}/manifests/{reference}", body)


def digest_of(content: bytes) -> str:
    """Return a digest."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def registry(emulator: EmulatorProcess) -> Iterator[Client]:
    """Return a client of a registry with one repository."""
    ecr = emulator.client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY)
    yield Client(emulator)
    ecr.delete_repository(repositoryName=REPOSITORY, force=True)


def test_what_is_pushed_is_pulled(registry: Client):
    """A configuration, a layer and a manifest go in; each is there under its digest."""
    config, layer = b'{"config": {}}', b"layer"
    for content in (config, layer):
        assert registry.upload(content, digest_of(content))[0] == 201
    manifest = {
        "schemaVersion": 2,
        "mediaType": KIND,
        "config": {"digest": digest_of(config)},
        "layers": [{"digest": digest_of(layer)}],
    }
    status, _, headers = registry.push(manifest)
    assert status == 201
    digest = headers["docker-content-digest"]
    assert registry.send("GET", f"/v2/{REPOSITORY}/manifests/{digest}")[0] == 200
    assert registry.send("HEAD", f"/v2/{REPOSITORY}/blobs/{digest_of(layer)}")[0] == 200
    mount = f"/v2/{REPOSITORY}/blobs/uploads/?mount={digest_of(layer)}&from=other"
    assert registry.send("POST", mount)[0] == 201


NO_DIGESTS = [
    "../../secrets.json",
    "sha256:../secrets.json",
    "sha256:" + "0" * 63,
    "sha256:" + "0" * 65,
    "sha256:" + "A" * 64,
    "sha512:" + "0" * 128,
    "sha256:" + "0" * 64 + "\n",
    "/etc/passwd",
    "sha256:",
]


@pytest.mark.parametrize("digest", NO_DIGESTS)
def test_a_mount_by_what_is_no_digest_is_refused(registry: Client, digest: str):
    """``mount`` names no file of the machine, though one is there."""
    (registry.folder / "secrets.json").write_text("{}")
    path = f"/v2/{REPOSITORY}/blobs/uploads/?mount={quote(digest, safe='')}"
    assert registry.send("POST", path)[:2] == (400, "DIGEST_INVALID")


@pytest.mark.parametrize("digest", NO_DIGESTS)
def test_a_manifest_that_names_no_digest_is_refused(registry: Client, digest: str):
    """Neither the configuration nor a layer is looked for by what is no digest."""
    assert registry.push({"config": {"digest": digest}})[:2] == (400, "DIGEST_INVALID")
    real = digest_of(b"x")
    row = {"config": {"digest": real}, "layers": [{"digest": digest}]}
    assert registry.push(row)[:2] == (400, "DIGEST_INVALID")


@pytest.mark.parametrize("digest", NO_DIGESTS)
def test_an_upload_under_what_is_no_digest_is_refused(registry: Client, digest: str):
    """Nothing is written outside the registry's folder."""
    before = set(registry.folder.rglob("*.json"))
    assert registry.upload(b"content", digest)[:2] == (400, "DIGEST_INVALID")
    assert set(registry.folder.rglob("*.json")) == before


def test_content_that_is_not_its_digest_is_refused(registry: Client):
    """A layer is stored under the digest of what came, or not at all."""
    wrong = digest_of(b"other")
    assert registry.upload(b"content", wrong)[:2] == (400, "DIGEST_INVALID")
    assert registry.send("GET", f"/v2/{REPOSITORY}/blobs/{wrong}")[:2] == (404, "BLOB_UNKNOWN")


def test_a_manifest_under_another_digest_is_refused(registry: Client):
    """A manifest that is put by digest has that digest."""
    answer = registry.push({"schemaVersion": 2}, digest_of(b"other"))
    assert answer[:2] == (400, "DIGEST_INVALID")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"no JSON", 400, "MANIFEST_INVALID"),
        (b"[]", 400, "MANIFEST_INVALID"),
        (b'{"config": "x"}', 400, "MANIFEST_INVALID"),
        (b'{"config": {}}', 400, "DIGEST_INVALID"),
        ('{"config": {}}'.encode("utf-16"), 400, "MANIFEST_INVALID"),
        (
            json.dumps({"config": {"digest": digest_of(b"?")}}).encode(),
            404,
            "MANIFEST_BLOB_UNKNOWN",
        ),
        (b" " * (4 << 20) + b"{}", 413, "SIZE_INVALID"),
    ],
)
def test_a_malformed_manifest_is_refused(registry: Client, body: bytes, status: int, code: str):
    """Each fault has the code that the OCI distribution specification gives it."""
    assert registry.push(body)[:2] == (status, code)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v2/../etc/manifests/v1", 404, "NAME_INVALID"),
        ("/v2/team/../app/manifests/v1", 404, "NAME_INVALID"),
        ("/v2/Team/App/manifests/v1", 404, "NAME_INVALID"),
        ("/v2/team//app/manifests/v1", 404, "NAME_INVALID"),
        ("/v2/nothing/here", 404, "NAME_INVALID"),
        ("/v2/other/manifests/v1", 404, "NAME_UNKNOWN"),
        (f"/v2/{REPOSITORY}/manifests/absent", 404, "MANIFEST_UNKNOWN"),
        (f"/v2/{REPOSITORY}/manifests/.hidden", 400, "TAG_INVALID"),
        (f"/v2/{REPOSITORY}/manifests/sha256:zz", 400, "DIGEST_INVALID"),
        (f"/v2/{REPOSITORY}/blobs/sha256:zz", 400, "DIGEST_INVALID"),
        (f"/v2/{REPOSITORY}/blobs/{digest_of(b'absent')}", 404, "BLOB_UNKNOWN"),
        (f"/v2/{REPOSITORY}/blobs/%2e%2e%2fsecrets.json", 404, "NAME_INVALID"),
    ],
)
def test_a_wrong_name_is_refused(registry: Client, path: str, status: int, code: str):
    """Repositories, tags and digests are those of the specification's grammar."""
    assert registry.send("GET", path)[:2] == (status, code)


@pytest.mark.parametrize("upload", ["0" * 32, "..", "%2e%2e%2fx", "zz"])
def test_an_upload_that_was_not_begun_is_refused(registry: Client, upload: str):
    """An upload's name leads to no other file."""
    status, code, _ = registry.send("PATCH", f"/v2/{REPOSITORY}/blobs/uploads/{upload}", b"x")
    assert (status, code) in ((404, "BLOB_UPLOAD_UNKNOWN"), (404, "NAME_INVALID"))
