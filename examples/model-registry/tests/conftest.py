"""The registry twice: as a process, for what a rehearsal would only slow down, and rehearsed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import EXAMPLES, Rehearsal, seatrial
from model_sources import model_sources
from registry_process import PASSWORD, RegistryProcess, running_registry
from registry_rehearsal import RegistryRehearsal


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryProcess]:
    """Return a registry without a rehearsal; tests share it."""
    with running_registry(tmp_path_factory.mktemp("registry"), TOKEN_CALLS="100000") as made:
        yield made


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryRehearsal]:
    """Return a running rehearsal of the example, whose sources are the fixtures.

    They listen on 127.0.0.2, which tasks reach as they reach the internet: by the forward proxy.
    """
    folder = tmp_path_factory.mktemp("rehearsed") / "app"
    ignored = shutil.ignore_patterns("golden", ".seatrial", "__pycache__")
    shutil.copytree(EXAMPLES / "model-registry", folder, ignore=ignored)
    with model_sources("127.0.0.2") as made:
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
        stand_ins = made.address.partition("://")[2]
        given = {"ADMIN_PASSWORD": PASSWORD, "SEATRIAL_EMULATOR_STAND_INS": stand_ins}
        done = seatrial("up", "--detach", "--json", folder=folder, **given)
        assert done.returncode == 0, done.stderr
        yield RegistryRehearsal(Rehearsal(folder, json.loads(done.stdout)), made)
        if log := os.environ.get("SEATRIAL_LOG"):
            Path(log).write_text(seatrial("logs", folder=folder).stdout)
        subprocess.run([sys.executable, "-m", "seatrial.cli.main", "down"], cwd=folder, check=True)
