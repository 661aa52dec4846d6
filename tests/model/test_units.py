"""Quantities with units."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from seatrial.model import units


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (units.memory, "1 GB", 1024),
        (units.memory, "512 MB", 512),
        (units.memory, "0.5GiB", 512),
        (units.storage, "1 TB", 1024),
        (units.duration, "5 min", 300),
        (units.duration, "30 s", 30),
        (units.days, "30 days", 30),
        (units.days, "24 h", 1),
        (units.vcpu, "0.25", 256),
        (units.vcpu, "16", 16384),
        (units.percent, "70%", 70),
    ],
)
def test_quantity_is_read(read, text, expected):
    """A quantity is read in AWS's own unit."""
    assert expected == read(text)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (units.memory, "512"),
        (units.memory, "1 gb"),
        (units.memory, "0.3 MB"),
        (units.duration, "soon"),
        (units.days, "5 h"),
        (units.vcpu, "many"),
        (units.percent, "0%"),
        (units.percent, "70"),
        (units.percent, "101%"),
    ],
)
def test_quantity_without_its_unit_is_refused(read, text):
    """A number without a known unit is refused, with an example of the right form."""
    with pytest.raises(PydanticCustomError) as raised:
        read(text)
    assert "`" in str((raised.value.context or {})["fix"])
