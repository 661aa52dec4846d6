"""The runtime's wheel, which builds get while the package is on no index."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from helpers import ROOT
from seatrial.ops.images import runtime_wheel

SOURCE = ROOT / "packages" / "runtime"


def test_wheel_holds_only_the_runtime(tmp_path: Path):
    """The wheel holds the runtime with its type marker, and requires packages by its extra only."""
    with zipfile.ZipFile(runtime_wheel.copy(tmp_path)) as wheel:
        names = wheel.namelist()
        about = wheel.read(next(n for n in names if n.endswith("METADATA"))).decode()
    assert {"seatrial_runtime/settings.py", "seatrial_runtime/py.typed"} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"seatrial_runtime"}
    rows = [line for line in about.splitlines() if line.startswith("Requires-Dist")]
    assert all("extra == 'app'" in row or "extra == 'sql'" in row for row in rows)
    assert len(rows) >= 5


def test_same_source_is_built_once_and_an_edit_builds_again(tmp_path: Path):
    """The cache is keyed by content: equal sources share a wheel, other sources have another."""
    source, cache = tmp_path / "runtime", tmp_path / "cache"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    first = runtime_wheel._built(source, cache)
    assert runtime_wheel._built(SOURCE, cache) == first
    (source / "src" / "seatrial_runtime" / "extra.py").write_text("")
    second = runtime_wheel._built(source, cache)
    assert second != first
    assert first.read_bytes() == runtime_wheel._built(SOURCE, tmp_path / "other").read_bytes()


@pytest.mark.parametrize(
    ("line", "required"),
    [
        ("seatrial-runtime[app]", True),
        ("seatrial_runtime", True),
        ("# seatrial-runtime", False),
        ("seatrial", False),
    ],
)
def test_requirement_of_the_runtime_is_recognized(line: str, required: bool):
    """A requirements file requires the runtime by either spelling, not in a comment."""
    assert runtime_wheel.required(f"fastapi\n{line}\n") is required
