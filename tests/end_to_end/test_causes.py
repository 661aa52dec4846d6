"""Mistakes of a first hour on hello: each is a failure, soon, with a cause of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import copied, processes, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        ("--port 8000", "--port 9000", "the program listens on port 9000"),
        ("--host 0.0.0.0 ", "", "the program listens on 127.0.0.1:8000"),
        ("health: /health", "health: /healthz", "`/health` answers as wanted"),
    ],
    ids=["port", "loopback", "path"],
)
def test_a_program_that_cannot_be_reached_is_a_failure_with_its_cause(
    tmp_path: Path, before: str, after: str, cause: str
):
    """Wrong port, loopback only, a path that answers 404."""
    folder = copied("hello", tmp_path / "hello")
    file = folder / "seatrial.yml"
    file.write_text(file.read_text().replace(before, after))
    done = seatrial("up", "--detach", folder=folder)
    assert done.returncode == 1
    assert "warning: health checks of web fail" in done.stderr
    assert cause in done.stderr
    assert processes(folder) == []


def test_a_worker_that_crashes_is_never_called_serving(tmp_path: Path):
    """Also not on the first `up`, where nothing served before: exit 1 with its last line."""
    folder = copied("hello", tmp_path / "hello")
    file = folder / "seatrial.yml"
    command = "[sh, -c, 'sleep 1; echo no queue; exit 3']"
    worker = f"services:\n  worker: {{build: ., command: {command}}}\n"
    file.write_text(file.read_text().replace("services:\n", worker, 1))
    done = seatrial("up", "--detach", folder=folder)
    assert done.returncode == 1
    assert (
        "`worker` is not healthy: Essential container in task exited (exit code 3)" in done.stderr
    )
    assert "no queue" in done.stderr
