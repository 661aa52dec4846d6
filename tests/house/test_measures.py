"""The measures of the house: sizes of rooms, calls, names on moto's objects."""

from __future__ import annotations

import re

import measure

# Calls with more than five positional arguments in rooms that are being cleaned; it only falls.
MOST_CROWDED = 12
ROOM_SHARE = 0.15  # of all lines, that the largest room may have


def test_no_room_holds_more_than_its_share():
    """The largest room has at most 15 % of the lines."""
    rooms = measure.lines_by_room()
    total = sum(rooms.values())
    assert {n: c for n, c in rooms.items() if c / total > ROOM_SHARE} == {}


def test_calls_name_their_arguments():
    """No call has more than five positional arguments, but for a number that only falls."""
    calls = measure.crowded_calls()
    assert len(calls) <= MOST_CROWDED, calls


def test_no_state_of_ours_hangs_on_motos_objects():
    """No attribute of ours hangs on an object of moto's."""
    for path, _ in measure.modules():
        assert not re.search(r"\brehearsed_\w+", path.read_text(encoding="utf-8")), path
