"""How a restored database is compared with its backup."""

from __future__ import annotations

import pytest

from seatrial.trial.data import _compare
from seatrial.trial.stage import FailedError

STILL, BEFORE, AFTER = {"a": [2, "x"]}, {"b": [3, "y"]}, {"b": [5, "z"]}


def test_what_stood_still_must_be_equal():
    """The same rows and digest; a changed digest or a lost table is a failure."""
    assert _compare(STILL, STILL, STILL) == "1 tables equal, 2 rows"
    for restored in ({"a": [2, "other"]}, {"a": [1, "x"]}, {}):
        with pytest.raises(FailedError, match="a"):
            _compare(STILL, STILL, restored)


def test_what_was_written_to_has_as_many_rows_as_then():
    """Between the number before and the number after; fewer or more is a failure."""
    for count in (3, 4, 5):
        assert "1 written to meanwhile" in _compare(BEFORE, AFTER, {"b": [count, "?"]})
    for restored in ({"b": [2, "?"]}, {"b": [6, "?"]}, {}):
        with pytest.raises(FailedError, match="b"):
            _compare(BEFORE, AFTER, restored)
