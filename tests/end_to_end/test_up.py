"""Starts of notes that end early or run on loopback: each is a rehearsal of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import copied, eventually, get, post_note, processes, seatrial, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the example."""
    return copied("notes", tmp_path / "notes")


def test_app_is_served_on_loopback_without_namespaces(folder):
    """Where namespaces are refused, the same app runs on loopback, and the report says so."""
    rehearsal = up(folder, SEATRIAL_SANDBOX="loopback")
    try:
        post_note(rehearsal.address, "loop")
        eventually(
            lambda: get(f"{rehearsal.address}/notes/1/export")[1], lambda text: "# loop" in text
        )
        assert any("loopback" in row for row in rehearsal.report["not_rehearsed"])
    finally:
        seatrial("down", folder=folder)
    assert processes(folder) == []


@pytest.mark.G26
def test_failing_migration_and_crash_are_reported(folder):
    """A bad migration, then a crash: exit 1, the cause, its last lines, no leftovers."""
    migrate = folder / "api/notes/migrate.py"
    good = migrate.read_text()
    migrate.write_text("raise SystemExit('no such column: price')")
    done = seatrial("up", "--detach", folder=folder)
    assert done.returncode == 1
    assert "migration-failed" in done.stderr
    assert "no such column: price" in done.stderr
    assert processes(folder) == []
    migrate.write_text(good)
    api = folder / "api/notes/api.py"
    api.write_text("import nothing_like_this\n")
    done = seatrial("up", "--detach", folder=folder)
    assert done.returncode == 1
    assert "No module named 'nothing_like_this'" in done.stderr
    assert processes(folder) == []


def test_ctrl_c_ends_a_foreground_rehearsal(folder):
    """`up` prints its address and the services' output; one Ctrl-C ends it all, exit 0."""
    process = subprocess.Popen(
        [sys.executable, "-m", "seatrial.cli.main", "up"],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout
    said = ""
    for line in process.stdout:  # until it serves, or ends before
        said += line
        if "Application startup complete" in line:
            break
    assert process.poll() is None, said
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=40)[0]
    assert process.returncode in (0, 130), said
    assert processes(folder) == []
