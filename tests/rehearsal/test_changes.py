"""When a look at watched files is taken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seatrial.rehearsal import changes

Looked = Callable[[], float]


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Return the folders that are watched; a test may add some."""
    return [tmp_path]


@pytest.fixture
def looked(folders: list[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Looked]:
    """Return what waits for the next look, and returns the seconds that it took."""
    monkeypatch.setattr(changes, "LATEST_MS", 60_000)
    ended, seen = threading.Event(), threading.Semaphore(0)

    def run() -> None:
        for _ in changes.looks(lambda: folders, ended):
            seen.release()

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.3)  # until the operating system watches

    def look() -> float:
        begin = time.monotonic()
        assert seen.acquire(timeout=30), "no look was taken"
        return time.monotonic() - begin

    yield look
    ended.set()
    thread.join(5)
    assert not thread.is_alive()


def test_a_written_file_is_looked_at_at_once(folders: list[Path], looked: Looked):
    """A write, a replacement and a deletion are each followed by a look."""
    file = folders[0] / "seatrial.yml"
    file.write_text("app: hello")
    assert looked() < 5
    (folders[0] / "part").write_text("app: other")
    assert looked() < 5
    (folders[0] / "part").replace(file)
    assert looked() < 5
    file.unlink()
    assert looked() < 5


def test_folders_below_are_watched_once_they_are_named(folders: list[Path], looked: Looked):
    """A new folder is itself a change; when it is among the folders then, its files are watched."""
    below = folders[0] / "api"
    folders.append(below)
    below.mkdir()
    looked()
    time.sleep(0.3)
    (below / "main.py").touch()
    assert looked() < 5


def test_a_look_is_taken_each_second_where_nothing_is_reported(tmp_path: Path):
    """Network folders report nothing: a look is taken all the same, also beside a missing one."""
    ended = threading.Event()
    begin = time.monotonic()
    for number, _ in enumerate(changes.looks(lambda: [tmp_path, tmp_path / "gone"], ended)):
        if number == 1:
            ended.set()
    assert time.monotonic() - begin >= 1.5
