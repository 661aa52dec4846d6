"""Database engine and bucket client against the real things."""

from __future__ import annotations

import hashlib
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from helpers import EmulatorProcess
from postgres_server import postgres
from seatrial_emulator.servers.postgres import PostgresServer
from seatrial_runtime import buckets, database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Return a PostgreSQL server with one database."""
    with postgres() as engine:
        engine.provide("owner", "first", "app")
        yield engine


def variables(engine: PostgresServer, **more: str) -> dict[str, str]:
    """Return what ``uses: [db]`` injects."""
    return {"DB_HOST": str(engine.data), "DB_PORT": "5432", "DB_NAME": "app", "DB_USER": "owner",
            "DB_PASSWORD": "first", "DB_SSLMODE": "disable"} | more  # fmt: skip


def test_live_password_is_read_again(
    server: PostgresServer, emulator: EmulatorProcess, monkeypatch: pytest.MonkeyPatch
):
    """After a rotation new connections read the secret again; without ``live`` they fail."""
    for name, value in {"AWS_ENDPOINT_URL": emulator.endpoint,
                        "AWS_ACCESS_KEY_ID": emulator.access_key,
                        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
                        "AWS_DEFAULT_REGION": "us-east-1"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    secrets = emulator.client("secretsmanager")
    arn = secrets.create_secret(Name="live/db", SecretString=json.dumps({"password": "first"}))
    live = database.engine(environment=variables(server, DB_SECRET_ARN=arn["ARN"]))
    fixed = database.engine(environment=variables(server))
    for engine in (live, fixed):
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
    server.provide("owner", "second", "app")
    secrets.put_secret_value(SecretId="live/db", SecretString=json.dumps({"password": "second"}))
    for engine in (live, fixed):
        engine.dispose()
    with live.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    with pytest.raises(Exception, match="password authentication failed"), fixed.connect():
        pass
    server.provide("owner", "first", "app")
    live.dispose()


def test_missing_variables_say_what_to_write(server: PostgresServer):
    """An engine or a bucket that was not given says which word is missing."""
    with pytest.raises(LookupError, match=r"REPORTS_PASSWORD is not set.*uses: \[reports\]"):
        database.engine("reports", environment={})
    with pytest.raises(LookupError, match="MODELS_BUCKET"):
        buckets.bucket("models", environment={})


@pytest.fixture
def bucket(emulator: EmulatorProcess) -> buckets.Bucket:
    """Return an empty bucket."""
    client, name = emulator.client("s3"), f"kit-{random.randrange(10**9)}"
    client.create_bucket(Bucket=name)
    return buckets.Bucket(name, client)


@pytest.mark.parametrize("size", [0, 1, buckets.PART - 1, buckets.PART, 3 * buckets.PART + 5])
def test_uploads_of_any_size(bucket: buckets.Bucket, size: int):
    """What was written is read, in one part or in several, with its size and checksum."""
    body = random.Random(size).randbytes(size)
    with bucket.upload("a/b") as upload:
        for at in range(0, size, 777_777):
            upload.write(body[at : at + 777_777])
    assert (upload.size, upload.sha256) == (size, hashlib.sha256(body).hexdigest())
    assert b"".join(bucket.read("a/b")) == body
    if size > 100:
        assert b"".join(bucket.read("a/b", 5, 50)) == body[5:50]
    assert [key for key, _ in bucket.keys("a/")] == ["a/b"]
    bucket.delete("a/b")
    with pytest.raises(KeyError):
        b"".join(bucket.read("a/b"))


def test_a_failed_upload_leaves_nothing(bucket: buckets.Bucket):
    """An error inside the block abandons the object and its parts."""

    def fail() -> None:
        with bucket.upload("x") as upload:
            upload.write(b"a" * (buckets.PART + 1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(bucket.keys()) == []
    assert bucket.unfinished() == []


def test_an_archive_is_read_in_place(bucket: buckets.Bucket, tmp_path: Path):
    """A zip in the bucket is opened like a file; only the ranges that are read are fetched."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("big", random.Random(1).randbytes(5_000_000))
        archive.writestr("small.txt", "found")
    with bucket.upload("a.zip") as upload:
        upload.write(path.read_bytes())
    fetched = 0
    read = bucket.read

    def counted(*given: Any) -> Iterator[bytes]:
        nonlocal fetched
        for block in read(*given):
            fetched += len(block)
            yield block

    bucket.read = counted  # type: ignore[method-assign]
    with zipfile.ZipFile(bucket.file("a.zip", path.stat().st_size)) as archive:
        assert archive.read("small.txt") == b"found"
    assert fetched < 1_000_000
