"""Programs that we drive: what becomes of them when we are interrupted or killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from helpers import eventually

DRIVER = """
import sys
from pathlib import Path
from seatrial.engine import process
folder = Path(sys.argv[1])
words = ["/bin/sh", "-c", sys.argv[2]]
running = process.start(words, folder, {"PATH": "/usr/bin:/bin"}, folder / "log")
try:
    for line in process.lines(running, folder / "log", lambda: print("first", flush=True)):
        print(line, flush=True)
except KeyboardInterrupt:
    print("interrupted", running.returncode, flush=True)
"""
SLOW = "trap 'echo int' INT; echo begun; i=0; while [ $i -lt {} ]; do sleep 0.1; i=$((i+1)); done; "
SLOW += "echo done; touch finished"


def drive(folder: Path, script: str) -> subprocess.Popen[str]:
    """Start a program of ours that drives a shell script, and wait until that has begun."""
    running = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(folder), script], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout
    assert running.stdout.readline() == "begun\n"
    return running


def rest(running: subprocess.Popen[str]) -> str:
    """Return what is left of a program's output, when it has ended."""
    assert running.stdout
    with running.stdout:
        found = running.stdout.read()
    running.wait(20)
    return found


def test_lines_come_as_they_are_written(tmp_path: Path):
    """Every line, also the last one without an end, and bytes that are no text."""
    ended = drive(tmp_path, "echo begun; printf 'one\\ntwo \\377\\nthree'")
    assert rest(ended) == "one\ntwo \ufffd\nthree\n"


def test_one_interruption_waits_for_the_end(tmp_path: Path):
    """What the program does is done; then the interruption is raised."""
    running = drive(tmp_path, SLOW.format(12))
    running.send_signal(signal.SIGINT)
    said = rest(running).splitlines()
    assert said == ["first", "done", "interrupted 0"]


def test_a_second_one_asks_and_a_third_one_kills(tmp_path: Path):
    """The program hears of the second, and does not outlive the third."""
    running = drive(tmp_path, SLOW.format(300))
    assert running.stdout
    running.send_signal(signal.SIGINT)
    assert running.stdout.readline() == "first\n"
    running.send_signal(signal.SIGINT)
    assert running.stdout.readline() == "int\n"
    running.send_signal(signal.SIGINT)
    assert rest(running).splitlines() == ["interrupted -9"]
    assert not (tmp_path / "finished").exists()


def test_a_program_outlives_whoever_is_killed(tmp_path: Path):
    """`kill -9` of the command: what it drove goes on writing, and ends by itself."""
    running = drive(tmp_path, SLOW.format(8))
    running.kill()
    running.wait()
    eventually((tmp_path / "finished").exists, bool)
    assert (tmp_path / "log").read_text() == "begun\ndone\n"
