"""`explain`, `completion`, `--version`: the reference in the terminal and words on Tab."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import seatrial
from seatrial.appfile import reference
from seatrial.errors import EXPLANATIONS


def test_explain_says_what_a_code_means(tmp_path):
    """A code, as an error prints it, gives its explanation."""
    done = seatrial("explain", "error[appfile-count]", folder=tmp_path)
    assert done.returncode == 0
    assert "min" in done.stdout
    assert done.stdout.startswith("appfile-count\n")


def test_explain_says_what_a_key_means(tmp_path):
    """A key gives its meaning, default, example, and the keys below it."""
    done = seatrial("explain", "services.health", folder=tmp_path)
    assert "example: health: /health" in done.stdout
    assert "services.health.path" in done.stdout
    shown = json.loads(seatrial("explain", "databases.class", "--json", folder=tmp_path).stdout)
    assert shown["default"] == "db.t4g.micro"
    assert set(shown) == {"name", "text", "default", "example", "keys"}


def test_explain_of_an_unknown_word_names_the_nearest(tmp_path):
    """A misspelt key exits with 2 and the nearest one."""
    done = seatrial("explain", "databases.storrage", folder=tmp_path)
    assert (done.returncode, "usage-topic" in done.stderr) == (2, True)
    assert "`databases.storage`" in done.stderr


def test_every_code_and_key_is_explained():
    """Each code has a text; each key is found by its path and has a meaning."""
    assert {reference.topic(code).text for code in EXPLANATIONS} == set(EXPLANATIONS.values())
    keys = reference.keys()
    assert {"app", "services.build", "services.count.target.cpu", "caches.class"} <= keys.keys()
    assert [path for path, topic in keys.items() if not topic.text] == []


def test_version_is_printed(tmp_path):
    """`--version` prints the name and the version."""
    assert seatrial("--version", folder=tmp_path).stdout.startswith("seatrial, version ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_accepted_by_their_shells(tmp_path, shell):
    """The script names the command, and the shell, where it is installed, can read it."""
    script = seatrial("completion", shell, folder=tmp_path).stdout
    assert "_SEATRIAL_COMPLETE" in script
    if found := shutil.which(shell):
        done = subprocess.run(
            [found, "-n"], input=script, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr


def _completed(line: str, folder: Path) -> list[str]:
    words = line.split(" ")
    done = seatrial(
        folder=folder,
        _SEATRIAL_COMPLETE="bash_complete",
        COMP_WORDS=line,
        COMP_CWORD=str(len(words) - 1),
    )
    return [row.partition(",")[2] for row in done.stdout.splitlines()]


def test_completion_gives_commands_options_and_keys(tmp_path):
    """Tab completes a command, an option of it, and the topics of `explain`."""
    assert _completed("seatrial expl", tmp_path) == ["explain"]
    assert "--show" in _completed("seatrial check --", tmp_path)
    assert "databases.storage" in _completed("seatrial explain databases.", tmp_path)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_completes_with_the_script(tmp_path):
    """In bash itself: source the script, ask for what follows, and get the commands."""
    program = tmp_path / "seatrial"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m seatrial.cli.main "$@"\n')
    program.chmod(0o755)
    script = (
        f"PATH={tmp_path}:$PATH; source <(seatrial completion bash); "
        "COMP_WORDS=(seatrial expl); COMP_CWORD=1; _seatrial_completion seatrial; "
        'echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["explain"], done.stderr
