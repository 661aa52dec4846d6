"""What the user sees where Terraform fails: an error with a fix, never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import fake_terraform
from seatrial.engine import provider
from seatrial.engine.terraform import UNSAVED, Terraform
from seatrial.errors import CredentialsError, LockedError, UserError

Fake = Callable[..., Path]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """Put a fake `terraform` on PATH: the shell script of each command by name."""
    with ExitStack() as stack:

        def made(**said: str) -> Path:
            return stack.enter_context(fake_terraform.on_path(tmp_path / "bin", monkeypatch, said))

        yield made


@pytest.fixture
def root(tmp_path: Path) -> Terraform:
    """Return a root with an empty document."""
    found = Terraform(tmp_path / "root", {}, lambda _: None)
    found.write({"main.tf.json": "{}"}, {})
    return found


def codes(error: pytest.ExceptionInfo[UserError]) -> list[str]:
    """Return the codes of an error's problems."""
    return [problem.code for problem in error.value.problems]


def test_failed_init_shows_terraforms_message(fake: Fake, root: Terraform):
    """The message, and where the document is."""
    fake(init="echo 'Error: Failed to get existing workspaces' >&2; exit 1")
    with pytest.raises(UserError, match="Failed to get existing workspaces") as error:
        root.init({"bucket": "b"})
    assert codes(error) == ["terraform-init"]
    assert str(root.folder) in error.value.problems[0].fix


def test_killed_init_is_an_error_that_says_so(fake: Fake, root: Terraform):
    """A Terraform that was killed has no message of its own."""
    fake(init="kill -9 $$")
    with pytest.raises(UserError, match="killed") as error:
        root.init({"bucket": "b"})
    assert codes(error) == ["terraform-init"]


def test_init_without_credentials_is_a_credentials_error(fake: Fake, root: Terraform):
    """Exit code 5, and the fix is to log in."""
    fake(init="echo 'Error: No valid credential sources found' >&2; exit 1")
    with pytest.raises(CredentialsError, match="No valid credential") as error:
        root.init({})
    assert codes(error) == ["terraform-credentials"]


@pytest.mark.parametrize(
    ("detail", "kind", "code"),
    [
        ('"summary":"x","detail":"ExpiredToken: y"', CredentialsError, "terraform-credentials"),
        (
            '"summary":"Error acquiring the state lock","detail":"Lock Info: ID: 1"',
            LockedError,
            "terraform-locked",
        ),
        ('"summary":"Plugin did not respond"', UserError, "terraform-provider-gone"),
        ('"summary":"Invalid index"', UserError, "terraform-apply"),
    ],
)
def test_apply_errors_are_sorted_by_cause(
    fake: Fake, root: Terraform, detail: str, kind: type[UserError], code: str
):
    """Credentials, lock and a dead provider have codes of their own."""
    line = f'{{"type":"diagnostic","diagnostic":{{"severity":"error",{detail}}}}}'
    fake(apply=f"cat <<'END'\n{line}\nEND\nexit 1")
    with pytest.raises(kind) as error:
        root.apply()
    assert codes(error) == [code]


def test_apply_that_prints_no_event_shows_what_it_printed(fake: Fake, root: Terraform):
    """Lines that are not events, and JSON that is no object, are the message."""
    fake(apply="echo 'panic: runtime error'; echo 12; echo '[1]'; exit 2")
    with pytest.raises(UserError, match="panic: runtime error") as error:
        root.apply()
    assert len(error.value.problems) == 3


def test_apply_that_exits_silently_names_its_log(fake: Fake, root: Terraform):
    """No output at all: the exit status is reported, with the file of its output."""
    fake(apply="exit 1")
    with pytest.raises(UserError, match="without an error message") as error:
        root.apply()
    assert "terraform.log" in error.value.problems[0].fix


def test_terraform_killed_mid_apply_has_not_finished(fake: Fake, root: Terraform):
    """What it created may be in no state; an apply that failed by itself saved its state."""
    fake(apply="kill -9 $$")
    with pytest.raises(UserError):
        root.apply()
    assert not root.finished
    fake(apply="exit 1")
    with pytest.raises(UserError):
        root.apply()
    assert root.finished


@pytest.mark.parametrize("command", ["show", "output"])
def test_unreadable_plan_and_outputs_are_reported(fake: Fake, root: Terraform, command: str):
    """A wrapper that prints a banner before the JSON is named as the cause."""
    fake(**{command: "echo 'Welcome!'; echo '{}'"})
    with pytest.raises(UserError, match="not JSON") as error:
        root.plan() if command == "show" else root.outputs()
    assert codes(error) == ["terraform-plan" if command == "show" else "terraform-output"]


def test_unsaved_state_must_be_saved_before_the_next_apply(fake: Fake, root: Terraform):
    """The file stays where pushing it fails: an apply without it would fork the state."""
    fake(state="echo 'Error: access denied' >&2; exit 1", apply="echo applied")
    (root.folder / UNSAVED).write_text("{}")
    with pytest.raises(UserError, match="access denied") as error:
        root.apply()
    assert codes(error) == ["terraform-state"]
    assert (root.folder / UNSAVED).exists()
    fake(state="exit 0")
    root.apply()
    assert not (root.folder / UNSAVED).exists()


def test_missing_terraform_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Neither terraform nor tofu on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    provider.terraform.cache_clear()
    with pytest.raises(UserError, match="neither `terraform` nor `tofu`") as error:
        provider.terraform()
    assert codes(error) == ["terraform-missing"]


@pytest.mark.parametrize("said", ["echo Terraform v1.9.8", "echo nonsense"])
def test_old_or_unknown_terraform_is_refused(fake: Fake, said: str):
    """1.11 is the oldest: password_wo."""
    fake(version=said)
    with pytest.raises(UserError, match="too old") as error:
        provider.terraform()
    assert codes(error) == ["terraform-old"]


def test_terraform_that_cannot_be_executed_is_reported(fake: Fake):
    """A file of another machine's architecture, for example."""
    program = fake()
    program.write_bytes(b"\x7fELF\x02\x01\x01 of another machine")
    with pytest.raises(UserError, match="could not start") as error:
        provider.terraform()
    assert codes(error) == ["usage-program"]


def test_terraform_removed_while_it_is_needed_is_reported(fake: Fake, root: Terraform):
    """It was found, and is gone when it shall run."""
    program = fake()
    provider.terraform()
    program.unlink()
    for call in (lambda: root.init({}), root.apply):
        with pytest.raises(UserError, match="could not start") as error:
            call()
        assert codes(error) == ["usage-program"]


def test_provider_download_failure_is_reported(fake: Fake, monkeypatch: pytest.MonkeyPatch):
    """Terraform's own words, and what to check."""
    monkeypatch.setattr(provider, "binary", lambda: None)
    fake(init="echo 'could not connect to registry.terraform.io' >&2; exit 1")
    with pytest.raises(UserError, match=r"could not install the AWS provider") as error:
        provider.ensure()
    assert codes(error) == ["terraform-init"]
    assert "registry.terraform.io" in str(error.value)
