"""Container engines that fail or answer unexpectedly: an error with a fix, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.engine import containers
from seatrial.engine.containers import Engine, Login, Order
from seatrial.errors import UserError


def engine(folder: Path, script: str, name: str = "podman") -> Engine:
    """Return an engine that is a shell script."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return Engine(name, str(program))


@pytest.mark.parametrize(
    ("script", "code"),
    [("echo 'no space left'; exit 1", "build-failed"), ("exit 0", "build-tools")],
)
def test_failed_build_shows_the_engines_output(tmp_path: Path, script: str, code: str):
    """An error of the build, and a build that reports no image."""
    with pytest.raises(UserError) as error:
        containers.build(engine(tmp_path, script), Order(context=tmp_path), tmp_path / "log")
    assert error.value.problems[0].code == code


@pytest.mark.parametrize("said", ["", "warning: x", "[]", "{}", "[{}]", "null"])
def test_unexpected_inspect_output_is_reported(tmp_path: Path, said: str):
    """Not JSON, or not the JSON of an image."""
    with pytest.raises(UserError, match="cannot read") as error:
        containers.contents(engine(tmp_path, f"echo '{said}'"), "image")
    assert error.value.problems[0].code == "build-tools"


@pytest.mark.parametrize("name", ["docker", "podman", "buildah"])
def test_push_without_a_digest_is_reported(tmp_path: Path, name: str):
    """The engine ends well and names no digest."""
    login = Login("registry.example.com", "AWS", "secret")
    with pytest.raises(UserError, match="digest") as error:
        containers.push(engine(tmp_path, "exit 0", name), "image", "api:tag", login)
    assert error.value.problems[0].code == "build-tools"


def test_failed_push_shows_the_engines_output_without_the_password(tmp_path: Path):
    """Its last lines."""
    login = Login("registry.example.com", "AWS", "the-password")
    with pytest.raises(UserError, match="denied: quota") as error:
        containers.push(
            engine(tmp_path, "echo 'denied: quota' >&2; exit 1"), "image", "api:tag", login
        )
    assert error.value.problems[0].code == "build-push"
    assert "the-password" not in str(error.value)


def test_engine_that_is_gone_is_reported(tmp_path: Path):
    """It was found, and is removed before it runs."""
    gone = engine(tmp_path, "exit 0")
    Path(gone.program).unlink()
    for call in (
        lambda: containers.build(gone, Order(context=tmp_path), tmp_path / "log"),
        lambda: containers.contents(gone, "image"),
    ):
        with pytest.raises(UserError, match="could not start") as error:
            call()
        assert error.value.problems[0].code == "usage-program"


def test_every_engine_that_does_not_work_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Not installed, its daemon not running, or a file that cannot be executed."""
    engine(tmp_path, "echo 'Cannot connect to the Docker daemon' >&2; exit 1", "docker")
    engine(tmp_path, "", "podman")
    (tmp_path / "podman").write_bytes(b"\x7fELF\x02 of another machine")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError) as error:
        containers.find()
    text = str(error.value)
    assert "docker: Cannot connect" in text
    assert "podman: could not start" in text
    assert "buildah: not installed" in text
