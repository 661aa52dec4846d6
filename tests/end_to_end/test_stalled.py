"""An emulator that stands still for most of the time, as on a machine under heavy load."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers import copied, eventually, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_up_serves_though_the_emulator_stands_still(tmp_path: Path):
    """Stopped for 1.3 s of every 1.6 s: calls are late, and no creation is refused as a second."""
    folder = copied("hello", tmp_path / "hello")
    command = [sys.executable, "-m", "seatrial.cli.main", "up", "--detach"]
    starting = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    described = folder / ".seatrial/dev/rehearsal.json"
    try:
        eventually(lambda: described.exists() or starting.poll() is not None, bool, 60)
        pid = json.loads(described.read_text())["pid"]
        while starting.poll() is None:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(1.3)
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.3)
        output = starting.communicate()[0]
        assert starting.returncode == 0, output
    finally:
        seatrial("down", folder=folder)
