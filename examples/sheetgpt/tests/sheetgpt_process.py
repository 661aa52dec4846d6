"""SheetGPT without a rehearsal: two of its processes, PostgreSQL, the emulator's Bedrock."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from helpers import EXAMPLES, eventually
from postgres_server import postgres
from seatrial_emulator import process
from seatrial_emulator.process import RunningEmulator, Settings

APP = EXAMPLES / "sheetgpt"
PASSWORD = "a-password-of-a-test"
MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
_numbers = itertools.count(1)


@dataclass
class SheetProcesses:
    """Two running processes; ``ports`` are where each answers."""

    emulator: RunningEmulator
    variables: dict[str, str]
    folder: Path
    ports: list[int] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, **more: str) -> None:
        """Start one more process, and wait until it serves."""
        port = _free_port()
        env = os.environ | self.variables | {"PORT": str(port)} | more
        with (self.folder / f"{port}.log").open("wb") as log:
            self.processes.append(subprocess.Popen(
                [sys.executable, "-m", "sheetgpt"], cwd=APP / "api", env=env, stdout=log, stderr=log
            ))  # fmt: skip
        self.ports.append(port)
        eventually(lambda: self._health(port), lambda status: status == 200, 60)

    def _health(self, port: int) -> int:
        assert self.processes[-1].poll() is None, (self.folder / f"{port}.log").read_text()[-3000:]
        try:
            return httpx.get(f"http://127.0.0.1:{port}/api/v1/health", timeout=2).status_code
        except httpx.HTTPError:
            return 0

    def client(self, email: str = "", task: int = 0) -> httpx.Client:
        """Return a client of a process, logged in; with a new account where none is named."""
        made = httpx.Client(base_url=f"http://127.0.0.1:{self.ports[task]}/api/v1", timeout=60)
        given = {"email": email or f"user{next(_numbers)}@example.com", "password": PASSWORD}
        made.post("/auth/register", json=given)
        answer = made.post("/auth/login", json=given)
        assert answer.status_code == 200, answer.text
        made.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return made

    def stop(self) -> None:
        """End them."""
        for running in self.processes:
            running.terminate()
        for running in self.processes:
            running.wait(40)


@contextmanager
def two_processes(folder: Path, **more: str) -> Iterator[SheetProcesses]:
    """Run two processes over one database."""
    with ExitStack() as stack:
        engine = stack.enter_context(postgres())
        script, place = APP / "rehearsal" / "model.yml", folder / "emulator"
        emulator, child = process.start(Settings(folder=str(place), model_script=str(script)))
        stack.callback(process.end, child, place)
        engine.provide("sheet_owner", "first-password", "sheets")
        variables = {
            "APP": "sheetgpt", "ENVIRONMENT": "test", "RELEASE": "abc",
            "DB_HOST": str(engine.data), "DB_PORT": "5432", "DB_NAME": "sheets",
            "DB_USER": "sheet_owner", "DB_PASSWORD": "first-password", "DB_SSLMODE": "disable",
            "AWS_ENDPOINT_URL": emulator.endpoint, "AWS_ACCESS_KEY_ID": emulator.access_key,
            "AWS_SECRET_ACCESS_KEY": emulator.secret_key, "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "SESSION_KEY": "k" * 48, "WRITER_MODEL": MODEL,
            "PYTHONPATH": str(APP / "api"), **more,
        }  # fmt: skip
        made = SheetProcesses(emulator, variables, folder)
        stack.callback(made.stop)
        command = [sys.executable, "-m", "sheetgpt.migrate"]
        subprocess.run(command, cwd=APP / "api", env=os.environ | variables, check=True)
        made.start()
        made.start()
        yield made


def change(client: httpx.Client, workbook: int, *operations: dict[str, Any], **more: Any) -> int:
    """Change a workbook and return the number of the change."""
    body = {"operations": list(operations)} | more
    answer = client.post(f"/workbooks/{workbook}/changes", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["seq"])


def put(row: int, column: int, value: Any, sheet: str = "Sheet1") -> dict[str, Any]:
    """Return an operation that fills a cell."""
    return {"do": "set", "sheet": sheet, "cells": [{"row": row, "column": column, "input": value}]}


def values(client: httpx.Client, workbook: int, sheet: str = "Sheet1") -> dict[str, str]:
    """Return what the cells of A1:Z700 show, by row and column (``"1,2"``)."""
    answer = client.get(f"/workbooks/{workbook}/cells", params={"sheet": sheet, "range": "A1:Z700"})
    assert answer.status_code == 200, answer.text
    return {f"{cell['row']},{cell['column']}": cell["value"] for cell in answer.json()["cells"]}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
