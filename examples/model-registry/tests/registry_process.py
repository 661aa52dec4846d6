"""The model registry without a rehearsal: the program itself, PostgreSQL, the emulator's S3."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from helpers import EXAMPLES, EmulatorProcess, eventually, started_emulator
from model_sources import ModelSources, model_sources
from postgres_server import postgres
from seatrial_emulator.servers.postgres import PostgresServer

ADMIN = "ece30861defaultadminuser"
PASSWORD = "correcthorsebatterystaple123(!__+@**(A'\"`;DROP TABLE artifacts;"
API = EXAMPLES / "model-registry" / "api"


@dataclass
class RegistryProcess:
    """A running registry."""

    sources: ModelSources
    emulator: EmulatorProcess
    engine: PostgresServer
    variables: dict[str, str]
    port: int
    process: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    log: list[Path] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, module: str, **more: str) -> subprocess.Popen[bytes]:
        """Start one of its programs."""
        env = os.environ | self.variables | more
        with Path(self.variables["LOG"]).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module], cwd=API, env=env, stdout=log, stderr=log
            )

    def start(self, **more: str) -> None:
        """Start serving, and wait until it does."""
        self.process = self.run("registry", **more)
        self.worker = self.run("registry.worker", **more)

        def health() -> int:
            assert self.process
            assert self.process.poll() is None, self.said()
            try:
                return httpx.get(f"{self.address}/health", timeout=2).status_code
            except httpx.HTTPError:
                return 0

        eventually(health, lambda status: status == 200, 30)

    def stop(self) -> None:
        """End both."""
        for process in (self.process, self.worker):
            if process:
                process.terminate()
                process.wait(30)

    def said(self) -> str:
        """Return the end of its log."""
        return Path(self.variables["LOG"]).read_text()[-3000:]

    def client(self, name: str = ADMIN, password: str = PASSWORD, **more: Any) -> httpx.Client:
        """Return a client that is logged in."""
        made = httpx.Client(base_url=self.address, timeout=60, **more)
        answer = made.put(
            "/authenticate",
            json={"user": {"name": name, "is_admin": True}, "secret": {"password": password}},
        )
        assert answer.status_code == 200, answer.text
        made.headers["X-Authorization"] = answer.json()
        return made

    def sql(self, text: str) -> list[str]:
        """Ask the database."""
        return self.engine.sql(text, "registry").split()

    def objects(self) -> list[str]:
        """Return the keys in the bucket."""
        rows = self.emulator.client("s3").list_objects_v2(Bucket="models").get("Contents", ())
        return [row["Key"] for row in rows]


@contextmanager
def running_registry(folder: Path, **more: str) -> Iterator[RegistryProcess]:
    """Run the registry."""
    with ExitStack() as stack:
        engine = stack.enter_context(postgres())
        emulator = stack.enter_context(started_emulator(folder / "emulator"))
        sources = stack.enter_context(model_sources())
        engine.provide("registry_owner", "first-password", "registry")
        emulator.client("s3").create_bucket(Bucket="models")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        variables = {
            "APP": "model-registry", "ENVIRONMENT": "test", "RELEASE": "abc", "PORT": str(port),
            "DB_HOST": str(engine.data), "DB_PORT": "5432", "DB_NAME": "registry",
            "DB_USER": "registry_owner", "DB_PASSWORD": "first-password", "DB_SSLMODE": "disable",
            "MODELS_BUCKET": "models", "AWS_ENDPOINT_URL": emulator.endpoint,
            "AWS_ACCESS_KEY_ID": emulator.access_key, "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
            "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
            "HF_ENDPOINT": sources.address, "GITHUB_API": sources.address,
            "ADMIN_PASSWORD": PASSWORD, "SESSION_KEY": "k" * 48, "LEASE": "2",
            "LOG": str(folder / "registry.log"), "HF_HUB_DISABLE_TELEMETRY": "1",
            "PYTHONPATH": str(API), **more,
        }  # fmt: skip
        made = RegistryProcess(sources, emulator, engine, variables, port)
        stack.callback(made.stop)
        migrated = made.run("registry.migrate").wait(60)
        assert migrated == 0, made.said()
        made.start()
        yield made


def wait_for(look: Any, seconds: float = 20) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.1)
