"""The registry's own rules: tokens, permissions, users, uploads, pages of lists, sweeps."""

from __future__ import annotations

import concurrent.futures
import hashlib
import io
import json
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from helpers import eventually
from model_sources import CARD, MIT
from registry_process import ADMIN, PASSWORD, RegistryProcess, running_registry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]
MODEL = "https://huggingface.co/google-bert/bert-base-uncased"


@pytest.fixture
def client(registry: RegistryProcess) -> httpx.Client:
    """Return the admin's client of an empty registry."""
    made = registry.client()
    assert made.delete("/reset").status_code == 200
    return made


def register(client: httpx.Client, name: str, content: bytes, type_: str = "model") -> str:
    """Upload a file and register it; return its id."""
    url = client.post(f"/upload?filename={name}", content=content).json()["url"]
    made = client.post(f"/artifact/{type_}", json={"url": url})
    assert made.status_code == 201, made.text
    return str(made.json()["metadata"]["id"])


def zipped(files: dict[str, str]) -> bytes:
    """Return a zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return made.getvalue()


def test_token_expires_after_its_calls_also_concurrently(registry: RegistryProcess):
    """A token with 50 calls left answers 50 of 120 calls that come at once, and none after."""
    token = registry.client().headers["X-Authorization"]
    registry.engine.sql("UPDATE tokens SET calls_left = 50 WHERE calls_left = 100000", "registry")

    def call(_: int) -> int:
        headers = {"X-Authorization": token}
        return httpx.get(f"{registry.address}/artifact/byName/x", headers=headers).status_code

    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        found = list(pool.map(call, range(120)))
    assert (found.count(404), found.count(403)) == (50, 70)
    assert call(0) == 403


def test_token_expires_after_its_hours(registry: RegistryProcess):
    """A token that is too old is refused; another of the same user is not."""
    old, new = registry.client(), registry.client()
    hours = registry.sql("SELECT extract(epoch FROM max(expires_at) - now()) / 3600 FROM tokens")
    assert 9.9 < float(hours[0]) <= 10
    token = old.headers["X-Authorization"].removeprefix("bearer ")
    digest = hashlib.sha256(token.encode()).hexdigest()
    registry.engine.sql(f"UPDATE tokens SET expires_at = now() WHERE hash = '{digest}'", "registry")
    assert old.get("/artifact/byName/x").status_code == 403
    assert new.get("/artifact/byName/x").status_code == 404
    rows = registry.sql("SELECT hash FROM tokens")
    assert token not in rows


def test_a_token_has_a_thousand_calls_by_default():
    """The default of the settings is the course's rule."""
    from registry.settings import Settings

    assert (Settings.token_calls, Settings.token_hours) == (1000, 10.0)


def test_permissions(registry: RegistryProcess, client: httpx.Client):
    """Each permission opens its own door; only admins manage users and reset."""
    id_ = register(client, "a.bin", b"a")
    password = "a-long-password"
    for name, given in (("up", ["upload"]), ("look", ["search"]), ("get", ["search", "download"])):
        body = {"username": name, "password": password, "permissions": given}
        assert client.post("/user/register", json=body).status_code == 201
        assert client.post("/user/register", json=body).status_code == 409
    up, look, get = (registry.client(name, password) for name in ("up", "look", "get"))
    assert up.post("/upload?filename=b", content=b"b").status_code == 201
    assert up.get(f"/artifacts/model/{id_}").status_code == 403
    assert look.post("/upload?filename=b", content=b"b").status_code == 403
    assert "download_url" not in look.get(f"/artifacts/model/{id_}").json()["data"]
    assert "download_url" in get.get(f"/artifacts/model/{id_}").json()["data"]
    assert look.delete("/reset").status_code == 401
    assert look.delete("/user/get").status_code == 403
    assert look.put("/user/look/permissions", json={"permissions": ["admin"]}).status_code == 403
    assert client.put("/user/look/permissions", json={"permissions": []}).status_code == 200
    assert look.get(f"/artifacts/model/{id_}").status_code == 403
    assert client.put(f"/user/{ADMIN}/permissions", json={"permissions": []}).status_code == 403
    assert get.delete("/user/get").status_code == 200
    assert get.get(f"/artifacts/model/{id_}").status_code == 403
    assert client.delete("/reset").status_code == 200
    assert registry.sql("SELECT name FROM users") == [ADMIN]
    assert client.post("/artifacts", json=[{"name": "*"}]).json() == []


def test_passwords_are_never_readable(registry: RegistryProcess, client: httpx.Client):
    """Neither the database nor the log holds a password or a token."""
    token = client.headers["X-Authorization"].removeprefix("bearer ")
    rows = registry.engine.sql("SELECT * FROM users; SELECT * FROM tokens", "registry")
    log = Path(registry.variables["LOG"]).read_text()
    for value in (PASSWORD, token, json.dumps(PASSWORD)[1:-1]):
        assert value not in rows
        assert value not in log


def test_uploads(registry: RegistryProcess, client: httpx.Client):
    """A checksum is kept to; an upload is used once, by this host's address only, within a day."""
    assert client.post("/upload", content=b"").status_code == 201
    assert client.post("/upload?filename=", content=b"a").status_code == 400
    assert client.post("/upload?filename=a%00b", content=b"a").status_code == 400
    assert client.get("/artifact/byName/a%00b").status_code == 400
    form = client.post("/upload", files={"file": b"a"})
    assert form.status_code == 415
    headers = {"X-Checksum-SHA256": "0" * 64}
    assert client.post("/upload", content=b"a", headers=headers).status_code == 400
    sent = client.post("/upload?filename=..%2F..%2Fa.bin", content=b"abc").json()
    assert sent["filename"] == "a.bin"
    other = sent["url"].replace("127.0.0.1", "other.example")
    assert client.post("/artifact/model", json={"url": other}).status_code == 400
    assert client.post("/artifact/model", json={"url": sent["url"]}).status_code == 201
    assert client.post("/artifact/model", json={"url": sent["url"]}).status_code == 409
    assert client.post("/artifact/dataset", json={"url": sent["url"]}).status_code in (400, 409)
    late = client.post("/upload?filename=late.bin", content=b"x").json()["url"]
    registry.engine.sql("UPDATE objects SET until = now() WHERE state = 'uploaded'", "registry")
    assert client.post("/artifact/model", json={"url": late}).status_code == 400
    eventually(registry.objects, lambda keys: len(keys) == 1)  # the worker swept what was unused


def test_ranges_and_heads(client: httpx.Client):
    """Downloads give any range, and say so; HEAD has no body; an impossible range is 416."""
    id_ = register(client, "digits.bin", b"0123456789")
    link = client.get(f"/artifacts/model/{id_}").json()["data"]["download_url"]
    for range_, status, body in (
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-3", 206, b"789"),
        ("bytes=0-99", 200, b"0123456789"),
        ("bytes=4-2", 416, None),
        ("bytes=10-", 416, None),
        ("lines=1-2", 200, b"0123456789"),
    ):
        found = httpx.get(link, headers={"Range": range_})
        assert found.status_code == status, range_
        assert body is None or found.content == body
    head = httpx.head(link)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "10", b"")
    stale = {"Range": "bytes=2-4", "If-Range": '"other"'}
    assert httpx.get(link, headers=stale).content == b"0123456789"


def test_an_uploaded_archive_is_read_for_its_scores(client: httpx.Client):
    """Card, configuration and license of a zip are found, below one folder too."""
    files = {"m/README.md": CARD, "m/LICENSE": MIT, "m/model.safetensors": "w" * 1000,
             "m/config.json": '{"_name_or_path": "some/parent", "model_type": "bert"}'}  # fmt: skip
    id_ = register(client, "bert-base-uncased.zip", zipped(files))
    found = client.get(f"/artifact/model/{id_}/rate").json()
    assert found["name"] == "bert-base-uncased"
    assert (found["license"], found["reproducibility"]) == (1.0, 1.0)
    edges = client.get(f"/artifact/model/{id_}/lineage").json()["edges"]
    assert {edge["relationship"] for edge in edges} == {"base_model", "fine_tuning_dataset"}
    bare_file = register(client, "weights.safetensors", b"\0" * 100)
    rated = client.get(f"/artifact/model/{bare_file}/rate").json()
    assert {"license", "ramp_up_time"} <= set(rated["unknown"])
    assert rated["license"] == 0.0


@pytest.mark.parametrize(
    "hostile", ["(a+)+$", "(a|aa)+$", "(.*a){40}", "(\\w+\\s?)*$", "a{1000}{1000}"]
)
def test_no_expression_is_slow(client: httpx.Client, hostile: str):
    """Expressions that take others forever take under a second here, over a long README."""
    register(client, "long.zip", zipped({"README.md": "# x\n" + "a" * 150_000 + "!"}))
    begun = time.monotonic()
    assert client.post("/artifact/byRegEx", json={"regex": hostile}).status_code in (200, 400, 404)
    assert time.monotonic() - begun < 1.5


def test_lists_have_a_hundred_rows_a_page(client: httpx.Client):
    """A list has pages of 100; the header leads through them; a wild offset is 400 or empty."""
    ids = [register(client, f"n{n:03}.bin", b"%d" % n) for n in range(103)]
    first = client.post("/artifacts", json=[{"name": "*"}])
    assert len(first.json()) == 100
    rest = client.post(f"/artifacts?offset={first.headers['offset']}", json=[{"name": "*"}])
    assert [row["id"] for row in first.json() + rest.json()] == ids
    assert client.post("/artifacts?offset=999999999999", json=[{"name": "*"}]).json() == []
    assert client.post("/artifacts?offset=-1", json=[{"name": "*"}]).status_code == 400
    assert client.post("/artifacts", json=[{"name": "*"}] * 101).status_code == 413
    both = client.post("/artifacts", json=[{"name": "n001.bin"}, {"name": "*", "types": ["code"]}])
    assert [row["name"] for row in both.json()] == ["n001.bin"]


def test_replacing_needs_the_same_name_and_id(client: httpx.Client, registry: RegistryProcess):
    """A replacement changes the bytes and keeps the name; the old object goes."""
    id_ = register(client, "a.bin", b"old")
    new = client.post("/upload?filename=b.bin", content=b"new").json()["url"]
    wrong = {"metadata": {"name": "b.bin", "id": id_, "type": "model"}, "data": {"url": new}}
    assert client.put(f"/artifacts/model/{id_}", json=wrong).status_code == 400
    right = {"metadata": {"name": "a.bin", "id": id_, "type": "model"}, "data": {"url": new}}
    answer = client.put(f"/artifacts/model/{id_}", json=right)
    assert answer.status_code == 200, answer.text
    assert httpx.get(answer.json()["data"]["download_url"]).content == b"new"
    assert client.put("/artifacts/model/123", json=right).status_code == 404
    eventually(registry.objects, lambda keys: len(keys) == 1)


def test_oversized_and_malformed_bodies_are_refused(client: httpx.Client):
    """Large, deep, half and foreign bodies are 4xx, at once."""
    for body in (b"{", b"[" * 100_000, b"\xff\xfe", b'{"name": "\\u0000"}', b'"x"'):
        headers = {"content-type": "application/json"}
        answer = client.post("/artifacts", content=body, headers=headers)
        assert answer.status_code == 400, (body[:20], answer.text)
    nul = client.post("/artifacts", json=[{"name": "a\0b"}])
    assert nul.status_code == 400
    assert client.post("/artifacts", content=b" " * 2_000_000).status_code == 413


def test_ingest_minimum_refuses_low_scores(tmp_path: Path):
    """With INGEST_MINIMUM each known score must reach it (424), and nothing is kept."""
    with running_registry(tmp_path, INGEST_MINIMUM="0.5") as made:
        client = made.client()
        assert client.post("/artifact/model", json={"url": MODEL}).status_code == 201
        poor = "https://huggingface.co/parvk11/audience_classifier_model"
        refused = client.post("/artifact/model", json={"url": poor})
        assert refused.status_code == 424
        assert "ramp_up_time" in refused.json()["detail"]
        assert len(made.objects()) == 1


def test_database_outage_is_answered_and_recovered_from(
    registry: RegistryProcess, client: httpx.Client
):
    """Without its database the registry answers 503 and stays; with it again, it serves."""
    registry.engine.stop()
    try:
        assert client.post("/artifacts", json=[{"name": "*"}]).status_code == 503
        assert httpx.get(f"{registry.address}/health").status_code == 200
        detailed = httpx.get(f"{registry.address}/health?detailed=true").json()
        assert detailed["status"] == "degraded"
    finally:
        registry.engine.ended.clear()
        registry.engine.start()
    eventually(lambda: client.post("/artifacts", json=[{"name": "*"}]).status_code,
               lambda status: status == 200)  # fmt: skip


def test_rotated_admin_password(registry: RegistryProcess):
    """A new value of the secret is the admin's password after a restart; the old one is not."""
    registry.stop()
    registry.start(ADMIN_PASSWORD="another-long-password")
    try:
        registry.client(password="another-long-password")
        user = {"user": {"name": ADMIN, "is_admin": True}, "secret": {"password": PASSWORD}}
        assert httpx.put(f"{registry.address}/authenticate", json=user).status_code == 401
    finally:
        registry.stop()
        registry.start()
