"""Every way in which an operation fails ends in an error with a fix: no traceback, nothing lost."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

import fake_terraform
from helpers import EmulatorProcess
from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.events import Event
from seatrial.ops.release import record
from seatrial.ops.release.roots import Roots
from seatrial.target import Target

BODY = {"provider": {"aws": [{}]}}
APPLYING = "notes/dev/foundation.applying"


@pytest.fixture
def session(emulator: EmulatorProcess, tmp_path: Path) -> Session:
    """Return a session of an account whose state bucket is there and empty of `notes`."""
    keys = (emulator.access_key, emulator.secret_key)
    target = Target("dev", "123456789012", "us-east-1", tmp_path / "work", emulator.endpoint, *keys)
    found = Session(target)
    storage.ensure_bucket(found)
    for key in storage.keys(found, "notes/"):
        storage.remove(found, key)
    return found


@pytest.fixture
def notes() -> list[Event]:
    """Return where events go."""
    return []


@pytest.fixture
def roots(session: Session, notes: list[Event]) -> Roots:
    """Return the roots of an app that was never deployed."""
    return Roots(session, "notes", notes.append)


def test_failed_init_is_reported_as_such(
    roots: Roots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Apply and destroy tell Terraform's message; nothing is marked as being applied."""
    with fake_terraform.on_path(
        tmp_path / "bin", monkeypatch, {"init": "echo 'Error: no' >&2; exit 1"}
    ):
        for call in (roots.apply, roots.destroy):
            with pytest.raises(UserError, match="Error: no") as error:
                call("foundation", BODY, {})
            assert error.value.problems[0].code == "terraform-init"
    assert not roots.cut_off("foundation")


def test_killed_terraform_stays_marked_until_an_apply_ends(
    roots: Roots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Also where Terraform cannot be started in between: what it made may be in no state."""
    with fake_terraform.on_path(tmp_path / "bin", monkeypatch, {"apply": "kill -9 $$"}) as program:
        with pytest.raises(UserError):
            roots.apply("foundation", BODY, {})
        assert roots.cut_off("foundation")
        script = program.read_text()
        program.unlink()
        with pytest.raises(UserError, match="could not start"):
            roots.apply("foundation", BODY, {})
        assert roots.cut_off("foundation")
        program.write_text(script)
        program.chmod(0o755)
        (tmp_path / "bin" / "apply.sh").write_text("exit 1")
        with pytest.raises(UserError, match="without an error message"):
            roots.apply("foundation", BODY, {})
        assert not roots.cut_off("foundation")


def test_apply_returns_the_addresses_that_changed(
    roots: Roots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What was only read, or that Terraform looked at, is not among them; nothing is none."""
    rows = [
        ("aws_ecs_task_definition.web", "create"),
        ("aws_ecs_service.web", "update"),
        ("data.aws_region.here", "read"),
    ]
    hooks = [{"resource": {"addr": address}, "action": action} for address, action in rows]
    lines = [json.dumps({"type": "apply_complete", "hook": hook}) for hook in hooks]
    said = "cat <<'END'\n" + "\n".join(lines) + "\nEND"
    with fake_terraform.on_path(tmp_path / "bin", monkeypatch, {"apply": said}):
        found = roots.apply("release", BODY, {})
        assert found == {"aws_ecs_task_definition.web", "aws_ecs_service.web"}
        (tmp_path / "bin" / "apply.sh").write_text("exit 0")
        assert roots.apply("release", BODY, {}) == set()


@pytest.mark.parametrize("body", [b"not json", b"[1, 2]", b"\xff\xfe"])
def test_overwritten_state_names_the_object(session: Session, roots: Roots, body: bytes):
    """Whoever reads a state or a record learns which object is none, and what to restore."""
    for key in (roots.state_key("foundation"), "notes/dev/serving.json", "notes/dev/last.json"):
        storage.write(session, key, body)
    for call in (
        roots.outputs,
        lambda: roots.held("foundation"),
        lambda: record.serving(session, "notes"),
        lambda: record.last_number(session, "notes"),
    ):
        with pytest.raises(UserError, match="is not a JSON object") as error:
            call()
        assert error.value.problems[0].code == "aws-state"


def test_record_of_another_version_is_read_or_refused(session: Session):
    """Unknown keys are left out; missing keys or an unreadable app are errors."""
    made = record.Record(
        number=1, result="serving", app={"app": "notes", "nouns": {}}, document={}, images={},
        at="now",
    )  # fmt: skip
    key = "notes/dev/serving.json"
    storage.write(session, key, json.dumps({**asdict(made), "added-later": 1}).encode())
    found = record.serving(session, "notes")
    assert found == made
    with pytest.raises(UserError, match="cannot read the app of release 1") as error:
        record.app_of(made, "dev")
    assert error.value.problems[0].code == "release-record"
    storage.write(session, key, b'{"number": 1}')
    with pytest.raises(UserError, match="is no release record") as error:
        record.serving(session, "notes")
    storage.write(session, "notes/dev/last.json", b'{"number": "one"}')
    with pytest.raises(UserError, match="is no release record"):
        record.last_number(session, "notes")
