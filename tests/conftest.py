"""What tests share: app files in a folder, a mended emulator, one rehearsal of hello."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers import EXAMPLES, EmulatorProcess, Stage, seatrial, started_emulator
from seatrial.appfile import load
from seatrial.model.app import App

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an app file beside a folder that can be built, and return its path."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "requirements.txt").touch()

    def write_(text: str) -> Path:
        path = tmp_path / "seatrial.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_


@pytest.fixture
def app(write: Write) -> Callable[[str], App]:
    """Return an app from its text, for the base environment."""

    def app_(text: str, environment: str = "dev") -> App:
        return load.app_for(load.read(write(text)), environment)

    return app_


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """Return one patched emulator, in a process of its own."""
    with started_emulator(tmp_path_factory.mktemp("emulator")) as made:
        yield made


@pytest.fixture(scope="session")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return one running rehearsal of a copy of examples/hello."""
    folder = tmp_path_factory.mktemp("hello") / "app"
    shutil.copytree(
        EXAMPLES / "hello", folder, ignore=shutil.ignore_patterns("golden", ".seatrial")
    )
    done = seatrial("up", "--detach", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    yield Stage(folder, json.loads(done.stdout))
    subprocess.run([sys.executable, "-m", "seatrial.cli.main", "down"], cwd=folder, check=True)
