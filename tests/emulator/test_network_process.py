"""The network process: whatever ends it, another one takes its place."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import eventually
from seatrial_emulator.network.client import NetworkClient


@pytest.fixture
def noted() -> list[str]:
    """Return what is reported starts."""
    return []


@pytest.fixture
def client(tmp_path: Path, noted: list[str]) -> Iterator[NetworkClient]:
    """Run a network process."""
    made = NetworkClient(tmp_path, lambda _: None, noted.append)
    yield made
    made.close()


def listening(client: NetworkClient) -> int:
    """Let the process listen at a free port whose answers are a balancer's; return the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        purpose = {"kind": "balancer", "listener": "l"}
        client.send("listen", (server.fileno(),), key="front", purpose=purpose)
    return port


def answer(port: int) -> bytes:
    """Return the first line of an answer; empty where there is none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            return connection.recv(200).split(b"\r\n")[0]
    except OSError:
        return b""


def test_a_killed_network_process_is_started_again_with_all_it_had(client, noted):
    """Three kills: its address answers again as before, by the routes that were sent last."""
    port = listening(client)
    row = {"rules": [], "default": {"status": 418, "body": ""}, "idle": 60}
    client.send("routes", listeners={"l": row}, groups={}, database="", fronts={})
    for kill in range(3):
        eventually(lambda: answer(port), lambda line: b" 418" in line)
        os.kill(client.process.pid, signal.SIGKILL)
        eventually(lambda: len(noted), lambda count, kill=kill: count == kill + 1)  # type: ignore[misc]
    eventually(lambda: answer(port), lambda line: b" 418" in line)
    assert noted[0] == "the network process ended (signal 9) and was started again"


def test_what_was_closed_stays_closed_after_a_start(client, noted):
    """A new process listens only where the last one still did."""
    port = listening(client)
    client.send("routes", listeners={}, groups={}, database="", fronts={})
    eventually(lambda: answer(port), lambda line: b" 503" in line)
    client.send("close", key="front")
    eventually(lambda: answer(port), lambda line: not line)
    os.kill(client.process.pid, signal.SIGKILL)
    eventually(lambda: noted, bool)
    assert answer(port) == b""
