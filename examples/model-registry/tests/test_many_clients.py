"""Many clients at once, and very large artifacts, through the balancer."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from helpers import eventually
from registry_rehearsal import RegistryRehearsal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500), pytest.mark.load]
CLIENTS = 200
# They wait for one another's lock in the database, and CloudFront waits 60 s for an answer.
REPLACING = threading.BoundedSemaphore(40)
SIZE = 2 << 30  # bytes
BLOCK = 1 << 20


def test_two_hundred_clients_at_once(rehearsal: RegistryRehearsal):
    """200 clients upload, register, rate, replace and delete: no 5xx, nothing lost, all audited.

    Each has an artifact of its own, and all rate and replace one that they share.
    """
    admin = rehearsal.client()
    admin.delete("/reset")
    shared = put_up(admin, "shared.bin", b"shared")
    token = admin.headers["X-Authorization"]

    def one(number: int) -> list[tuple[str, int]]:
        with httpx.Client(base_url=rehearsal.app.address, timeout=300) as client:
            client.headers["X-Authorization"] = token
            return work(client, number, shared)

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        done = [row for rows in pool.map(one, range(CLIENTS)) for row in rows]
    count = Counter(done)
    assert not [row for row in count if row[1] >= 500], count
    assert count["rate", 200] == CLIENTS
    assert count["delete", 200] == CLIENTS // 2
    assert count["replace", 200] == CLIENTS
    rows = admin.get(f"/artifact/model/{shared}/audit").json()
    actions = Counter(row["action"] for row in rows)
    assert actions["RATE"] == CLIENTS
    assert actions["UPDATE"] == CLIENTS
    listed, offset = [], "0"
    while page := admin.post(f"/artifacts?offset={offset}", json=[{"name": "*"}]):
        if not page.json():
            break
        listed += page.json()
        offset = page.headers["offset"]
    assert len(listed) == 1 + CLIENTS // 2
    assert len({row["id"] for row in listed}) == len(listed)
    in_bucket(rehearsal, 1 + CLIENTS // 2)


def work(client: httpx.Client, number: int, shared: str) -> list[tuple[str, int]]:
    """Do what one client does and return each step's status."""
    done: list[tuple[str, int]] = []
    sent = client.post(f"/upload?filename=own{number}.bin", content=b"%d" % number)
    made = client.post("/artifact/model", json={"url": sent.json()["url"]})
    done += [("upload", sent.status_code), ("create", made.status_code)]
    done.append(("rate", client.get(f"/artifact/model/{shared}/rate").status_code))
    other = client.post("/upload?filename=next.bin", content=b"next %d" % number).json()["url"]
    body = {"metadata": {"name": "shared.bin", "id": shared, "type": "model"},
            "data": {"url": other}}  # fmt: skip
    with REPLACING:
        done.append(("replace", client.put(f"/artifacts/model/{shared}", json=body).status_code))
    if number % 2:
        own = made.json()["metadata"]["id"]
        done.append(("delete", client.delete(f"/artifacts/model/{own}").status_code))
    return done


def put_up(client: httpx.Client, name: str, content: bytes) -> str:
    """Upload a file, register it as a model, return its id."""
    url = client.post(f"/upload?filename={name}", content=content).json()["url"]
    made = client.post("/artifact/model", json={"url": url})
    assert made.status_code == 201, made.text
    return str(made.json()["metadata"]["id"])


def in_bucket(rehearsal: RegistryRehearsal, count: int) -> None:
    """The bucket holds one object for each artifact, and no upload half done."""
    s3 = rehearsal.app.client("s3")
    (bucket,) = [b["Name"] for b in s3.list_buckets()["Buckets"] if "models" in b["Name"]]

    def keys() -> int:
        rows = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return sum(len(page.get("Contents", ())) for page in rows)

    eventually(keys, lambda found: found == count, 30)  # the worker may still be sweeping
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def blocks(size: int) -> Iterator[bytes]:
    """Yield bytes of which no two megabytes are the same."""
    for number in range(size // BLOCK):
        yield hashlib.sha256(b"%d" % number).digest() * (BLOCK // 32)


def test_two_gigabytes_are_uploaded_and_downloaded(rehearsal: RegistryRehearsal):
    """Bytes are equal, a broken download goes on where it broke, a wrong checksum is refused.

    The task stays under 300 MB and the emulator under 400 MB.
    """
    client = rehearsal.client()
    client.delete("/reset")
    digest = hashlib.sha256()
    for block in blocks(SIZE):
        digest.update(block)
    wanted = digest.hexdigest()
    bad = client.post(
        "/upload?filename=a.bin", content=b"other", headers={"X-Checksum-SHA256": wanted}
    )
    assert bad.status_code == 400
    sent = client.post(
        "/upload?filename=large.bin", content=blocks(SIZE), headers={"X-Checksum-SHA256": wanted}
    )
    assert sent.status_code == 201, sent.text
    assert (sent.json()["sha256"], sent.json()["size"]) == (wanted, SIZE)
    made = client.post("/artifact/model", json={"url": sent.json()["url"]})
    assert made.status_code == 201, made.text
    link = made.json()["data"]["download_url"]
    found, broke_at = hashlib.sha256(), SIZE // 3
    with httpx.stream("GET", link, timeout=60) as answer:
        assert int(answer.headers["content-length"]) == SIZE
        read = 0
        for block in answer.iter_raw(BLOCK):
            part = block[: broke_at - read]
            found.update(part)
            read += len(part)
            if read == broke_at:
                break
    headers = {"Range": f"bytes={broke_at}-", "If-Range": f'"{wanted}"'}
    with httpx.stream("GET", link, headers=headers, timeout=60) as answer:
        assert answer.status_code == 206
        for block in answer.iter_raw(BLOCK):
            found.update(block)
    assert found.hexdigest() == wanted
    memory = peaks(rehearsal)
    print(memory)
    assert max(memory["tasks"]) < 300, memory
    assert memory["emulator"] < 400, memory


def peaks(rehearsal: RegistryRehearsal) -> dict[str, object]:
    """Return the highest resident memory of the tasks and the emulator so far, in MB."""
    folder = rehearsal.app.folder
    cloud = json.loads((folder / ".seatrial/dev/rehearsal.json").read_text())["pid"]
    tasks = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[1:3] == [b"-m", b"registry"] and str(folder) in os.readlink(process / "cwd"):
                tasks.append(highest(process))
        except OSError:
            continue
    return {"tasks": tasks, "emulator": highest(Path("/proc") / str(cloud))}


def highest(process: Path) -> float:
    """Return a process's VmHWM in MB."""
    text = (process / "status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
