"""S3 keeps objects on disk; what a rehearsal stored is there again in the next one.

moto keeps objects in memory, or in nameless temporary files, and forgets them. Here every plain
object of a bucket is also a file in the rehearsal's folder: written when it is put, removed when
it is deleted, read back when a bucket of that name is created again.
Test: tests/emulator/test_s3.py::test_objects_and_secret_values_survive_a_restart.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.s3.models import FakeKey, S3Backend

from seatrial_emulator.api.patches import streaming
from seatrial_emulator.api.patches.patch import original, wrap

STATE_PREFIX = "seatrial-"  # the state bucket: Terraform's state goes with the emulator
FOLDER_VARIABLE = "SEATRIAL_OBJECTS"


Original = Callable[..., Any]


def apply() -> None:
    """Store objects as files."""
    wrap(FakeKey, "set_metadata", _set_metadata)
    wrap(S3Backend, "put_object", _put_object)
    wrap(S3Backend, "create_bucket", _create_bucket)
    wrap(S3Backend, "delete_object", _delete_object)


def _put_object(
    put: Original, self: Any, bucket_name: str, key_name: str, *given: Any, **fields: Any
) -> Any:
    stored = put(self, bucket_name, key_name, *given, **fields)
    _save(bucket_name, key_name, stored)
    return stored


def _create_bucket(create: Original, self: Any, bucket_name: str, *given: Any, **more: Any) -> Any:
    bucket = create(self, bucket_name, *given, **more)
    put = original(S3Backend, "put_object")  # moto's own: the file is there already
    for key, value, metadata in _saved(bucket_name):
        put(self, bucket_name, key, value).set_metadata(metadata)
    return bucket


def _delete_object(
    delete: Original, self: Any, bucket_name: str, key_name: str, *given: Any, **fields: Any
) -> Any:
    answer = delete(self, bucket_name, key_name, *given, **fields)
    if path := _path(bucket_name, key_name):
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
    return answer


def _set_metadata(set_metadata: Original, self: Any, *given: Any, **fields: Any) -> None:
    """The type of an object is set after it was put."""
    set_metadata(self, *given, **fields)
    path = _path(self.bucket_name, self.name) if self.bucket_name else None
    if path and path.exists():
        _describe(path, self)


def _folder(bucket: str) -> Path | None:
    root = os.environ.get(FOLDER_VARIABLE)
    return Path(root) / bucket if root and not bucket.startswith(STATE_PREFIX) else None


def _path(bucket: str, key: str) -> Path | None:
    folder = _folder(bucket)
    if folder is None:
        return None
    # A key may be 1024 bytes and hold any character: its hash is the name of the file.
    return folder / (hashlib.sha256(key.encode()).hexdigest() + ".bin")


def _save(bucket: str, key: str, made: Any) -> None:
    path = _path(bucket, key)
    if path is None or made is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        made._value_buffer.seek(0)
        while block := made._value_buffer.read(1 << 20):
            file.write(block)
    part.replace(path)
    _describe(path, made)
    if made.contentsize > streaming.IN_MEMORY:
        # The kept file serves from here on: one copy on disk. An open file outlives its name, so
        # an old version still has its bytes when the key is written again or deleted.
        with made.lock:
            made._value_buffer.close()
            made._value_buffer = path.open("r+b")


def _describe(path: Path, made: Any) -> None:
    key = base64.b64encode(made.name.encode()).decode()
    about = {"key": key, "metadata": dict(made.metadata)}
    path.with_suffix(".json").write_text(json.dumps(about))


def _saved(bucket: str) -> list[tuple[str, streaming.Blocks, dict[str, str]]]:
    folder = _folder(bucket)
    found = []
    for about in sorted(folder.glob("*.json")) if folder and folder.is_dir() else ():
        row = json.loads(about.read_text())
        value = streaming.file(about.with_suffix(".bin"))
        found.append((base64.b64decode(row["key"]).decode(), value, row["metadata"]))
    return found
