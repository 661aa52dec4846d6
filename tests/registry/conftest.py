"""The registry twice: bare, for what a rehearsal would only slow down, and rehearsed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bare import PASSWORD, Bare, bare
from helpers import EXAMPLES, Stage, seatrial
from hub import hub
from rehearsed import Rehearsed


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """Return a bare registry; tests share it."""
    with bare(tmp_path_factory.mktemp("registry"), TOKEN_CALLS="100000") as made:
        yield made


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """Return a running rehearsal of the example, whose sources are the fixtures.

    They listen on 127.0.0.2, which tasks reach as they reach the internet: by the forward proxy.
    """
    folder = tmp_path_factory.mktemp("rehearsed") / "app"
    ignored = shutil.ignore_patterns("golden", ".seatrial", "__pycache__")
    shutil.copytree(EXAMPLES / "model-registry", folder, ignore=ignored)
    with hub("127.0.0.2") as made:
        file = folder / "seatrial.yml"
        env = {
            "HF_ENDPOINT": made.address,
            "GITHUB_API": made.address,
            "TOKEN_CALLS": "100000",
        }
        given = f"env: {json.dumps(env)}"
        text = file.read_text().replace("env: {LOG_LEVEL: info}", given)
        memory = "    memory: 512 MB\n"
        file.write_text(text.replace(memory, f"{memory}    {given}\n"))
        done = seatrial("up", "--detach", "--json", folder=folder, ADMIN_PASSWORD=PASSWORD)
        assert done.returncode == 0, done.stderr
        yield Rehearsed(Stage(folder, json.loads(done.stdout)), made)
        if kept := os.environ.get("SEATRIAL_LOG"):
            Path(kept).write_text(seatrial("logs", folder=folder).stdout)
        subprocess.run([sys.executable, "-m", "seatrial.cli.main", "down"], cwd=folder, check=True)
