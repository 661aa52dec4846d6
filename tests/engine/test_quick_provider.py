"""The quick provider verifies before it writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from seatrial.engine import provider, quick_provider


def test_unknown_program_is_left_alone():
    """A program that is not built as we know it is refused before anything runs."""
    with pytest.raises(quick_provider.UnknownShapeError):
        quick_provider.writes(Path(sys.executable).resolve())


def test_unknown_program_means_the_stock_provider(tmp_path):
    """Without a known provider the stock one is used, and a note says so."""
    with quick_provider.running(None, {}, tmp_path) as (value, note):
        assert value is None
        assert note.startswith("stock provider")


@pytest.mark.skipif(provider.binary() is None, reason="no unpacked provider on this machine")
def test_bytes_at_both_places_are_known_before_they_are_written():
    """Each write knows what must stand there: padding, or a Go function's stack check."""
    program = provider.binary()
    assert program
    found = quick_provider.writes(program)
    assert len(found) == 4
    for cave, entry in zip(found[::2], found[1::2], strict=True):
        assert set(cave.before) == {0xCC}
        assert entry.before.startswith(b"\x49\x3b\x66\x10")
        assert len(entry.before) == len(entry.after)
