"""The registry killed at any moment: bucket and database agree again after its sweep."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from pathlib import Path

import httpx
import pytest

from helpers import eventually
from registry_process import RegistryProcess, running_registry

# Ten minutes: SEATRIAL_CRASH_SECONDS=600 pytest examples/model-registry/tests/test_process_kills.py
SECONDS = float(os.environ.get("SEATRIAL_CRASH_SECONDS", "25"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(SECONDS) + 200), pytest.mark.load]
WRITERS, KILLS = 6, 4


class Writers:
    """Clients that upload, register, replace and delete, and remember what was promised them."""

    def __init__(self, made: RegistryProcess, token: str) -> None:
        self.made, self.token = made, token
        self.ended, self.lock = threading.Event(), threading.Lock()
        self.promised: dict[str, str] = {}  # sha256 of what an artifact holds, by id
        self.unsure: set[str] = set()  # ids whose last change got no answer
        self.created = 0

    def write(self, number: int) -> None:
        """Write until the end; a connection that breaks is tried again."""
        chance = random.Random(number)
        while not self.ended.is_set():
            try:
                with httpx.Client(base_url=self.made.address, timeout=20) as client:
                    client.headers["X-Authorization"] = self.token
                    while not self.ended.is_set():
                        self.once(client, chance)
            except httpx.HTTPError:
                time.sleep(0.2)

    def once(self, client: httpx.Client, chance: random.Random) -> None:
        """Do one thing."""
        body = chance.randbytes(chance.choice((10, 1000, 9_000_000)))
        sent = client.post("/upload?filename=x.bin", content=body)
        if sent.status_code != 201:
            return
        url, digest = sent.json()["url"], hashlib.sha256(body).hexdigest()
        with self.lock:
            mine = [i for i in self.promised if int(i) % WRITERS == chance.randrange(WRITERS)]
            known = self.promised.pop(mine[0], None) if mine and chance.random() < 0.6 else None
        if known is None:
            made = client.post("/artifact/model", json={"url": url})
            if made.status_code == 201:
                with self.lock:
                    self.created += 1
                    self.promised[made.json()["metadata"]["id"]] = digest
            return
        self.change(client, chance, mine[0], known, url, digest)

    def change(
        self, client: httpx.Client, chance: random.Random, id_: str, old: str, url: str, new: str
    ) -> None:
        """Replace or delete an artifact; without an answer either state is right."""
        path = f"/artifacts/model/{id_}"
        with self.lock:
            self.unsure.add(id_)
        if chance.random() < 0.5:
            answer = client.delete(path)
            if answer.status_code == 200:
                with self.lock:
                    self.unsure.discard(id_)
            return
        about = {"name": "x.bin", "id": id_, "type": "model"}
        answer = client.put(path, json={"metadata": about, "data": {"url": url}})
        with self.lock:
            self.unsure.discard(id_)
            self.promised[id_] = new if answer.status_code == 200 else old


def test_random_kills_during_writes_lose_nothing(tmp_path: Path):
    """After kills of service and worker nothing promised is lost, nothing is left over.

    Every promised artifact has its bytes; every other one is whole; no object without a row, no row
    without its object, no upload half done; each creation stands in the audit.
    """
    with running_registry(tmp_path, TOKEN_CALLS="1000000", LEASE="2", UPLOAD_WAITS="3") as made:
        client = made.client()
        writers = Writers(made, client.headers["X-Authorization"])
        threads = [threading.Thread(target=writers.write, args=(n,)) for n in range(WRITERS)]
        for thread in threads:
            thread.start()
        kills = kill_often(made)
        writers.ended.set()
        for thread in threads:
            thread.join(60)
        assert kills >= KILLS
        assert writers.created > 5
        agrees(made)
        keeps_promises(made, writers)


def kill_often(made: RegistryProcess) -> int:
    """Kill service or worker every few seconds, start it again, and return how often."""
    chance, count, end = random.Random(7), 0, time.monotonic() + SECONDS
    while time.monotonic() < end or count < KILLS:
        time.sleep(chance.uniform(0.5, 3))
        for process in (made.process, made.worker):
            if process and (process is made.process or chance.random() < 0.5):
                process.kill()
                process.wait()
        if made.worker and made.worker.poll() is None:
            made.worker.kill()
            made.worker.wait()
        made.start()
        count += 1
    return count


def agrees(made: RegistryProcess) -> None:
    """Bucket and database hold the same objects once the worker has swept; tidy finds nothing."""

    def left() -> list[str]:
        return made.sql("SELECT key FROM objects WHERE state <> 'kept'")

    eventually(left, lambda rows: rows == [], 40)
    assert sorted(made.objects()) == sorted(made.sql("SELECT key FROM objects"))
    assert made.sql("SELECT count(*) FROM objects") == made.sql("SELECT count(*) FROM artifacts")
    s3 = made.emulator.client("s3")
    assert s3.list_multipart_uploads(Bucket="models").get("Uploads", []) == []
    tidied = made.run("registry.tidy")
    assert tidied.wait(60) == 0
    assert "'orphans': 0, 'lost': 0" in made.said()


def keeps_promises(made: RegistryProcess, writers: Writers) -> None:
    """What was answered is true."""
    rows = made.engine.sql(
        "SELECT a.id, o.sha256, o.key FROM artifacts a JOIN objects o ON o.key = a.object_key",
        "registry",
    )
    found = {row.split("|")[0]: row.split("|")[1:] for row in rows.split()}
    for id_, digest in writers.promised.items():
        if id_ not in writers.unsure:
            assert found[id_][0] == digest
    s3 = made.emulator.client("s3")
    for digest, key in found.values():
        body = s3.get_object(Bucket="models", Key=key)["Body"].read()
        assert hashlib.sha256(body).hexdigest() == digest
    created = int(made.sql("SELECT count(*) FROM audit WHERE action = 'CREATE'")[0])
    deleted = int(made.sql("SELECT count(*) FROM audit WHERE action = 'DELETE'")[0])
    assert created >= writers.created
    assert created - deleted == len(found)


def test_copy_resumes_after_the_worker_is_killed(tmp_path: Path):
    """A large artifact whose copying is killed is copied by the next worker; once, and whole."""
    with running_registry(tmp_path, LEASE="2") as made:
        made.sources.pause = 0.05
        client = made.client()
        url = "https://huggingface.co/big/one"
        answer = client.post("/artifact/model", json={"url": url})
        assert answer.status_code == 202
        eventually(lambda: made.sql("SELECT state FROM objects"), lambda rows: rows == ["writing"])
        time.sleep(1)
        assert made.worker
        made.worker.kill()
        made.worker.wait()
        made.sources.pause = 0.0
        made.worker = made.run("registry.worker")
        path = f"/artifacts/model/{answer.json()['metadata']['id']}"
        eventually(lambda: client.get(path).status_code, lambda status: status == 200, 60)
        eventually(made.objects, lambda keys: len(keys) == 1, 20)
        agrees(made)


def test_concurrent_migrations_create_one_schema(tmp_path: Path):
    """Two migrations at the same time, and one more, leave one set of tables."""
    with running_registry(tmp_path) as made:
        made.stop()
        made.engine.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", "registry")
        made.engine.sql("ALTER SCHEMA public OWNER TO registry_owner", "registry")
        running = [made.run("registry.migrate") for _ in range(3)]
        assert [process.wait(60) for process in running] == [0, 0, 0]
        assert made.run("registry.migrate").wait(60) == 0
        assert made.sql("SELECT version_num FROM alembic_version") == ["0001"]
        made.start()
        made.client()
