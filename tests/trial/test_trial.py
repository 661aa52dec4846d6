"""Trials through the real command line: they pass, they find what is wrong, nothing is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers import EXAMPLES, eventually, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
WITHOUT_FAILURES = (
    "good-release",
    "crash-release",
    "fading-release",
    "rollback",
    "failing-migration",
)


def copy(name: str, to: Path) -> Path:
    """Copy an example."""
    folder = to / name
    skipped = shutil.ignore_patterns("golden", ".seatrial")
    shutil.copytree(EXAMPLES / name, folder, ignore=skipped)
    return folder


def trial(folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run a trial; return its exit code, report and standard error."""
    done = seatrial("trial", "--json", *arguments, folder=folder, timeout=580)
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def processes(folder: Path) -> list[str]:
    """Return every process whose command line names a folder."""
    lines = [(p.pid, p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]
    return [f"{pid} {line}" for pid, line in lines if str(folder) in " ".join(line)]


def left(folder: Path) -> list[str]:
    """Return every process and folder that a trial of a folder left; the list of its steps stays,
    for who looks on, until the next trial.
    """
    found = (folder / ".seatrial").glob("trial-*")
    return processes(folder) + [str(path) for path in found if path.is_dir()]


@pytest.mark.G56
@pytest.mark.G54
@pytest.mark.G26
@pytest.mark.G15
def test_trial_of_notes_passes_every_step(tmp_path: Path):
    """Every step passes: releases without a failed request, migrations, backup and restore with
    equal rows, rotations, kills, destroy; and nothing is left."""
    folder = copy("notes", tmp_path)
    file = folder / "seatrial.yml"
    note = '{path: /notes, method: POST, body: \'{"title": "a", "body": "b"}\', status: 201,'
    note += " headers: {content-type: application/json}}"
    file.write_text(file.read_text() + f"\ntrial: {{requests: [{note}, /notes]}}\n")
    page, xml = tmp_path / "r.html", tmp_path / "r.xml"
    code, report, said = trial(folder, "--html", str(page), "--junit", str(xml))
    steps = {step["name"]: step for step in report["steps"]}
    assert (code, report["result"]) == (0, "passed"), said
    assert {step["result"] for step in report["steps"]} == {"passed"}
    assert [name for name in WITHOUT_FAILURES if steps[name]["failed"]] == []
    assert all(steps[name]["requests"] > 10 for name in WITHOUT_FAILURES)
    assert "1 tables dropped; " in steps["restore"]["evidence"][0]
    assert "1 tables, 0 rows" not in steps["backup"]["evidence"][0]
    assert left(folder) == []
    assert "restore" in page.read_text()
    assert 'failures="0"' in xml.read_text()


def test_injected_faults_are_detected_and_rolled_back(tmp_path: Path):
    """Faults of a release are detected, reported and rolled back without a failed request; a fault
    of running tasks passes; one that the app has no noun for is skipped with the reason."""
    folder = copy("hello", tmp_path)
    faults = ("image-not-found", "out-of-memory", "no-capacity")
    chosen = [f"--inject={name}" for name in (*faults, "slow-network", "missing-secret")]
    code, report, said = trial(folder, "--steps", "serving", *chosen)
    steps = {step["name"]: step for step in report["steps"]}
    assert code == 0, said
    for name in faults:
        assert (steps[f"fault-{name}"]["result"], steps[f"fault-{name}"]["failed"]) == ("passed", 0)
    assert steps["fault-slow-network"]["result"] == "passed"
    assert steps["fault-missing-secret"]["result"] == "skipped"
    assert "secret" in steps["fault-missing-secret"]["reason"]
    assert left(folder) == []


def test_trial_fails_where_the_app_does_not_serve(tmp_path: Path):
    """The cause is reported as by `up`, the rest is skipped, everything is destroyed; exit 1.
    A wrong answer to the app file's own request fails as well."""
    folder = copy("hello", tmp_path)
    file = folder / "seatrial.yml"
    good = file.read_text()
    file.write_text(good.replace("main:app", "nowhere:app"))
    code, report, _ = trial(folder)
    steps = {step["name"]: step for step in report["steps"]}
    assert (code, report["result"], steps["deploy"]["result"]) == (1, "failed", "failed")
    assert 'Could not import module "nowhere"' in steps["deploy"]["cause"]
    assert steps["serving"]["result"] == steps["good-release"]["result"] == "skipped"
    assert steps["nothing-left"]["result"] == "passed"
    file.write_text(good + '\ntrial: {requests: [{path: /, contains: "Goodbye"}]}\n')
    code, report, _ = trial(folder, "--steps", "good-release")
    assert code == 1
    failed = next(step for step in report["steps"] if step["result"] == "failed")
    assert "Goodbye" in failed["cause"]
    assert left(folder) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_next_trial_runs_after_an_interrupted_one(tmp_path: Path, number: int):
    """Ctrl-C deletes everything; after kill -9 no process is left, and the next trial runs."""
    folder = copy("hello", tmp_path)
    words = [sys.executable, "-m", "seatrial.cli.main", "trial", "--steps", "good-release"]
    with (tmp_path / "said").open("w+") as said:
        process = subprocess.Popen(words, cwd=folder, stderr=said, stdout=said)
        eventually((tmp_path / "said").read_text, lambda text: "serving" in text, 90)
        time.sleep(1)
        os.kill(process.pid, number)
        process.wait(30)
    eventually(
        lambda: [line for line in left(folder) if "trial-dev" not in line[-9:]],
        lambda found: found == [],
        30,
    )
    if number == signal.SIGINT:
        assert left(folder) == []
    else:
        code, report, text = trial(folder, "--steps", "serving")
        assert (code, report["result"]) == (0, "passed"), text
        assert left(folder) == []


def test_steps_and_faults_are_checked_before_anything_starts(tmp_path: Path):
    """Unknown names are all reported at once, with the nearest known one; exit 2."""
    folder = copy("hello", tmp_path)
    done = seatrial("trial", "--steps", "god-release,x", folder=folder)
    assert done.returncode == 2
    assert "Did you mean `good-release`?" in done.stderr
    assert done.stderr.count("error[usage-step]") == 2
    done = seatrial("trial", "--inject", "exit-2", folder=folder)
    assert (done.returncode, "Did you mean `exit-1`?" in done.stderr) == (2, True)
    assert seatrial("trial", "--html", "no/where.html", folder=folder).returncode == 2
    listed = seatrial("trial", "--list", folder=folder).stdout
    assert "good-release" in listed
    assert left(folder) == []
