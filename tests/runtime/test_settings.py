"""Settings: typed, in one line, every problem at once, no value ever shown."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial_runtime.settings import Secret, SettingsError, load


@dataclass(frozen=True)
class Example:
    """Every kind of setting."""

    key: Secret
    port: int
    share: float = 0.5
    loud: bool = False
    level: Literal["low", "high"] = "low"
    names: tuple[str, ...] = ()
    folder: Path = Path("data")
    note: str | None = None


GIVEN = {"KEY": "hidden", "PORT": "80", "SHARE": "0.25", "LOUD": "yes", "LEVEL": "high",
         "NAMES": "a, b", "FOLDER": "/x", "NOTE": ""}  # fmt: skip


def test_each_kind_is_read():
    """Texts become what the fields say; what is absent has its default."""
    found = load(Example, GIVEN)
    assert (found.port, found.share, found.loud, found.level) == (80, 0.25, True, "high")
    assert (found.names, found.folder, found.note) == (("a", "b"), Path("/x"), None)
    assert found.key.reveal() == "hidden"
    assert load(Example, {"KEY": "k", "PORT": "1"}).folder == Path("data")


def test_every_problem_is_said_at_once_and_no_value_shown():
    """Missing and malformed variables are all named; a secret shows itself nowhere."""
    with pytest.raises(SettingsError) as raised:
        load(Example, {"PORT": "eighty-s3cret", "LOUD": "perhaps", "LEVEL": "mid"})
    said = str(raised.value)
    assert said.splitlines() == [
        "KEY is not set",
        "PORT must be a whole number",
        "LOUD must be true or false",
        "LEVEL must be one of low, high",
    ]
    assert "hidden" not in f"{load(Example, GIVEN)!r} {load(Example, GIVEN).key}"


@given(st.dictionaries(st.sampled_from(sorted(GIVEN)), st.text(max_size=10)))
def test_any_environment_is_read_or_refused(environment: dict[str, str]):
    """Whatever stands in the variables: settings, or SettingsError."""
    try:
        load(Example, environment)
    except SettingsError as error:
        assert str(error)


def test_importing_the_kit_is_light():
    """The kit loads nothing of ours but the contract, and none of the libraries it can use."""
    code = (
        "import sys\n"
        "from seatrial_runtime import buckets, database, health, kit, logs, metrics, serving\n"
        "from seatrial_runtime import settings\n"
        "names = {m.split('.')[0] for m in sys.modules}\n"
        "ours = {m for m in sys.modules if m.startswith('seatrial')}\n"
        "print(sorted(names & {'boto3', 'fastapi', 'sqlalchemy', 'pydantic', 'moto', 'uvicorn'}))\n"
        "print(sorted(m for m in ours if not m.startswith('seatrial_runtime')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]
