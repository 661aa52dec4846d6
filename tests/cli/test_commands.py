"""Commands that need nothing running: what they print and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from helpers import EXAMPLES, seatrial
from seatrial.cli.style import style
from seatrial.cli.up_runner import next_commands

BROKEN = "app: x\nregion: us-east-1\nservices: {api: {build: ., port: 8000, memroy: 1 GB}}\n"


def test_check_prints_problems_and_exits_with_2(tmp_path):
    """A broken file gives its problems on standard output, as text and as JSON."""
    (tmp_path / "seatrial.yml").write_text(BROKEN)
    (tmp_path / "Dockerfile").touch()
    text = seatrial("check", folder=tmp_path)
    assert text.returncode == 2
    assert "seatrial.yml:3:40 services.api.memroy" in text.stdout
    (problem,) = json.loads(seatrial("check", "--json", folder=tmp_path).stdout)["problems"]
    assert (problem["code"], problem["line"]) == ("appfile-unknown-key", 3)
    assert set(problem) == {"code", "message", "file", "line", "column", "key", "fix"}


def test_check_of_an_example_succeeds():
    """A good file exits with 0 and shows the real names of what holds data."""
    done = seatrial("check", folder=EXAMPLES / "notes" / "api" / "notes")
    assert done.returncode == 0
    assert "notes-dev-db" in done.stdout


def test_generate_adds_the_runtime_wheel_where_a_build_requires_it(tmp_path):
    """Who makes images by hand finds the wheel that their requirements name, and how to use it."""
    words = ("generate", "--json", "--out", str(tmp_path))
    done = seatrial(*words, folder=EXAMPLES / "model-registry")
    names = {Path(row).name for row in json.loads(done.stdout)["files"]}
    assert "seatrial_runtime-0.1.0-py3-none-any.whl" in names
    assert "api" in (tmp_path / "wheels" / "README.md").read_text()
    done = seatrial(*words, folder=EXAMPLES / "hello")
    assert not [row for row in json.loads(done.stdout)["files"] if row.endswith(".whl")]


def test_generate_writes_both_roots(tmp_path):
    """Two roots and a guide are written, equal to the golden ones."""
    done = seatrial("generate", "production", "--out", str(tmp_path), folder=EXAMPLES / "hello")
    assert done.returncode == 0
    for name in ("foundation/main.tf.json", "release/main.tf.json", "README.md"):
        golden = (EXAMPLES / "hello/golden/production" / name).read_text()
        assert golden == (tmp_path / name).read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["status"], 2, "no rehearsal of this app is running"),
        (["logs"], 2, "no rehearsal of this app is running"),
        (["plan"], 2, "no rehearsal of this app is running"),
        (["generate", "nowhere", "--out", "x"], 2, "no environment `nowhere`"),
        (["frobnicate"], 2, "There is no command `frobnicate`"),
        (["depoly"], 2, "Did you mean `deploy`?"),
        (["secret", "sett"], 2, "Did you mean `set`?"),
        (["-h"], 0, ""),
    ],
)
def test_wrong_usage_exits_with_an_explanation(tmp_path, arguments, code, message):
    """Wrong use exits with 2, says what was wrong, and never shows a traceback."""
    shutil.copytree(
        EXAMPLES / "hello", tmp_path / "hello", ignore=shutil.ignore_patterns(".seatrial")
    )
    done = seatrial(*arguments, folder=tmp_path / "hello")
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [["plan"], ["frobnicate"], ["generate", "nowhere"], ["logs", "-x"]]
)
def test_errors_are_json_where_json_is_asked(words):
    """Every error with `--json` is the shape of `check --json`, on standard output."""
    done = seatrial(*words, "--json", folder=EXAMPLES / "hello")
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["code"].startswith(("usage-", "rehearsal-none"))
    assert done.returncode == 2


def test_no_color_is_obeyed(monkeypatch):
    """With NO_COLOR there are no colours, also on a terminal (no-color.org)."""
    assert "\x1b" in style("error", fg="red")
    monkeypatch.setenv("NO_COLOR", "1")
    assert style("error", fg="red", bold=True) == "error"


def test_next_commands_reach_the_rehearsal():
    """What `up` names to go on with does not ask AWS, whatever environment is rehearsed."""
    assert ("status",) in next_commands("dev")
    assert ("plan", "--env", "production", "--rehearsal") in next_commands("production")
    assert ("down", "--env", "production") in next_commands("production")


def test_missing_app_file_exits_with_an_explanation(tmp_path):
    """Without an app file the error says how to make one."""
    done = seatrial("check", folder=tmp_path)
    assert (done.returncode, "appfile-not-found" in done.stderr) == (2, True)


def test_secret_is_set_from_standard_input(tmp_path):
    """A value comes over standard input, is kept with mode 0600, and never printed."""
    (tmp_path / "seatrial.yml").write_text(
        "app: x\nregion: us-east-1\nsecrets: {key: by-hand}\nbuckets: {b: {}}\n"
    )
    done = seatrial("secret", "set", "key", folder=tmp_path, stdin="CANARY-1\n")
    assert done.returncode == 0
    assert "CANARY" not in done.stdout + done.stderr
    assert (tmp_path / ".seatrial/secrets.env").stat().st_mode & 0o777 == 0o600
    assert seatrial("secret", "set", "kee", folder=tmp_path, stdin="x").returncode == 2
