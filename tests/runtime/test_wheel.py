"""The kit's wheel, which builds get while the package is on no registry."""

from __future__ import annotations

import zipfile
from pathlib import Path

from seatrial.ops.images import wheel


def test_the_wheel_is_the_kit_alone(tmp_path: Path):
    """The wheel holds the kit and the contract, asks for its extra only, and is the same again."""
    first = wheel.write(tmp_path / "a")
    assert first.read_bytes() == wheel.write(tmp_path / "b").read_bytes()
    with zipfile.ZipFile(first) as made:
        names = made.namelist()
        about = made.read(next(n for n in names if n.endswith("METADATA"))).decode()
    assert "seatrial_runtime/settings.py" in names
    assert not [n for n in names if n.startswith(("seatrial/rehearsal", "seatrial/cli"))]
    assert "Provides-Extra: app" in about
    assert "moto" not in about
    rows = [line for line in about.splitlines() if line.startswith("Requires-Dist")]
    assert all("extra == " in row for row in rows)
    assert len(rows) >= 5
    for line, named in (("seatrial-runtime[app]", True), ("seatrial_runtime", True),
                        ("# seatrial-runtime", False),
                        ("seatrial", False)):  # fmt: skip
        assert wheel.wanted(f"fastapi\n{line}\n") is named
