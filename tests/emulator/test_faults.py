"""Faults: each has its source, and reasons in the words that the doctor's catalogue knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial_emulator import faults
from seatrial_emulator.faults import FAULTS
from seatrial_emulator.faults.fault import Facts, Fault

FACTS = Facts("arn:aws:iam::1:role/r", "1", "repo@sha256:0", "arn:secret", "key")


def test_each_fault_is_one_file_of_its_name():
    """A file for each fault, all of them in the list, none twice."""
    folder = Path(faults.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "fault"}
    assert files == {name.replace("-", "_") for name in FAULTS}
    assert len(FAULTS) == len(faults.MODULES)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_each_fault_has_a_passport_and_does_something(fault: Fault):
    """An id, what AWS shows, a source, a pattern that compiles, and an effect."""
    assert re.fullmatch(r"[a-z0-9-]+", fault.id)
    assert fault.shows
    assert fault.source
    re.compile(fault.expects)
    assert fault.expects or fault.applies_to == "running"
    effects = (fault.refuses, fault.words, fault.memory, fault.probe, fault.database)
    assert any(effects) or fault.throttle or fault.latency or not fault.capacity


@pytest.mark.parametrize("fault", [f for f in FAULTS.values() if f.refuses], ids=lambda f: f.id)
def test_what_a_fault_says_is_what_it_expects(fault: Fault):
    """The stopped reason matches the fault's pattern; without a secret there is none to miss."""
    assert fault.refuses
    assert re.search(fault.expects, fault.refuses(FACTS))
    bare = Facts("arn:aws:iam::1:role/r", "1", "repo@sha256:0")
    assert bool(fault.refuses(bare)) == (fault.needs != "secret")
