"""Kill -9 of each process of a rehearsal: it comes back, or the rehearsal ends and says why."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpers import Rehearsal, copied, eventually, get, processes, seatrial, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
KILLS = 5  # of each kind that comes back


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    """Return a rehearsal of hello of one's own."""
    folder = copied("hello", tmp_path / "hello")
    yield up(folder)
    seatrial("down", folder=folder)
    assert processes(folder) == []


def described(rehearsal: Rehearsal) -> psutil.Process:
    """Return the emulator."""
    row = json.loads((rehearsal.folder / ".seatrial/dev/rehearsal.json").read_text())
    return psutil.Process(row["pid"])


def below(rehearsal: Rehearsal, words: str) -> list[int]:
    """Return the emulator's processes whose command line has these words, the newest last."""
    found = []
    for process in described(rehearsal).children(recursive=True):
        try:
            if words in " ".join(process.cmdline()):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return [p.pid for p in sorted(found, key=lambda p: p.create_time())]


@pytest.mark.parametrize("words", ["network.main", "pid1.py", "uvicorn"])
def test_what_a_rehearsal_consists_of_comes_back(rehearsal: Rehearsal, words: str):
    """The network process, a task's first process, a program: the app answers again each time."""
    for _ in range(KILLS):
        (pid, *_) = eventually(lambda: below(rehearsal, words), bool)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda pid=pid: psutil.pid_exists(pid), lambda there: not there)  # type: ignore[misc]
        eventually(lambda: get(rehearsal.address)[0], lambda code: code == 200, 40)
    reported = "the network process ended (signal 9)" if words == "network.main" else "a task ended"
    log = rehearsal.folder / ".seatrial/dev/up.log"
    eventually(log.read_text, lambda text: reported in text)


def test_a_killed_emulator_ends_the_rehearsal_with_the_reason(rehearsal: Rehearsal):
    """`up` ends with an error, `status` and `down` tell it, the next `up` starts anew."""
    described(rehearsal).kill()
    log = rehearsal.folder / ".seatrial/dev/up.log"
    eventually(log.read_text, lambda text: "its emulator ended (signal 9)" in text)
    done = eventually(
        lambda: seatrial("status", folder=rehearsal.folder), lambda done: done.returncode == 2
    )
    assert "rehearsal-none" in done.stderr
    assert "its emulator ended (signal 9)" in done.stderr
    assert "its emulator ended (signal 9)" in seatrial("down", folder=rehearsal.folder).stdout


def test_a_killed_up_is_never_called_running(rehearsal: Rehearsal):
    """Asked at once after the kill: `up --detach` starts a rehearsal, which then answers."""
    watcher = int((rehearsal.folder / ".seatrial/dev/up.pid").read_text())
    os.kill(watcher, signal.SIGKILL)
    again = seatrial("up", "--detach", folder=rehearsal.folder)
    assert again.returncode == 0
    assert "already running" not in again.stderr
    assert "the `seatrial up` that ran it was killed" in again.stderr
    assert get(rehearsal.address)[0] == 200
