"""How a restored database is compared with its backup."""

from __future__ import annotations

import pytest

from seatrial.trial.context import FailedError
from seatrial.trial.data_steps import _compare

STILL, BEFORE, AFTER = {"a": [2, "x"]}, {"b": [3, "y"]}, {"b": [5, "z"]}


def test_unchanged_tables_must_be_restored_equal():
    """The same rows and digest; a changed digest or a lost table is a failure."""
    assert _compare(STILL, STILL, STILL) == "1 tables equal, 2 rows"
    for restored in ({"a": [2, "other"]}, {"a": [1, "x"]}, {}):
        with pytest.raises(FailedError, match="a"):
            _compare(STILL, STILL, restored)


def test_changed_tables_must_have_plausible_row_counts():
    """Between the number before and the number after; fewer or more is a failure."""
    for count in (3, 4, 5):
        assert "1 written to during the backup" in _compare(BEFORE, AFTER, {"b": [count, "?"]})
    for restored in ({"b": [2, "?"]}, {"b": [6, "?"]}, {}):
        with pytest.raises(FailedError, match="b"):
            _compare(BEFORE, AFTER, restored)
