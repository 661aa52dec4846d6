"""Target tracking and alarms, by comparison."""

from __future__ import annotations

import os
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial_emulator.ecs.metrics import MetricsCollector
from seatrial_emulator.ecs.scaling import Goal, Range, Rule, judged, wanted

BETWEEN = Range(1, 6)


def test_three_minutes_above_the_target_scale_out():
    """Two minutes do nothing; after three the count grows in proportion, within the range."""
    assert wanted(2, [Goal(70, (90.0, 90.0))], BETWEEN) == 2
    assert wanted(2, [Goal(70, (10.0, 90.0, 90.0, 90.0))], BETWEEN) == 3
    assert wanted(2, [Goal(10, (90.0,) * 3)], BETWEEN) == 6
    assert wanted(2, [Goal(70, (90.0, 69.0, 90.0))], BETWEEN) == 2


def test_fifteen_minutes_below_the_target_scale_in_when_all_policies_agree():
    """Below nine tenths for 15 minutes; one policy that needs the tasks keeps them."""
    low, busy = (20.0,) * 15, (65.0,) * 15
    assert wanted(4, [Goal(70, low)], BETWEEN) == 2
    assert wanted(4, [Goal(70, low[:14])], BETWEEN) == 4
    assert wanted(4, [Goal(70, low), Goal(70, busy)], BETWEEN) == 4
    assert wanted(4, [Goal(70, (0.0,) * 15)], BETWEEN) == 1


def test_no_scaling_happens_within_a_cooldown():
    """During a cooldown the count stays."""
    hot, cold = Goal(70, (90.0,) * 3), Goal(70, (5.0,) * 15)
    assert wanted(2, [hot], Range(1, 6, may_grow=False)) == 2
    assert wanted(4, [cold], Range(1, 6, may_shrink=False)) == 4


@given(
    st.integers(1, 20),
    st.lists(st.lists(st.floats(0, 400), max_size=20), min_size=1, max_size=3),
    st.integers(0, 5),
    st.integers(5, 30),
)
def test_the_desired_count_stays_in_the_range_of_its_target(count, rows, low, high):
    """Whatever is measured, a count inside the range stays inside it."""
    count = min(max(count, low), high)
    goals = [Goal(50, tuple(row)) for row in rows]
    assert low <= wanted(count, goals, Range(low, high)) <= high


@pytest.mark.parametrize(
    ("missing", "points", "expected"),
    [
        ("missing", [None, None, None], "INSUFFICIENT_DATA"),
        ("ignore", [None, None, None], "ALARM"),
        ("breaching", [None, None, None], "ALARM"),
        ("notBreaching", [None, None, None], "OK"),
        ("missing", [9.0, None, 9.0], "ALARM"),
        ("missing", [9.0, 1.0, 1.0], "OK"),
    ],
)
def test_missing_data_is_treated_as_the_alarm_says(missing, points, expected):
    """2 of 3 points over 5; periods without data as TreatMissingData says."""
    rule = Rule("GreaterThanThreshold", 5, 3, 2, missing)
    assert judged(rule, points, "ALARM") == expected


@pytest.mark.parametrize(
    ("comparison", "at_limit"),
    [
        ("GreaterThanThreshold", "OK"),
        ("GreaterThanOrEqualToThreshold", "ALARM"),
        ("LessThanThreshold", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM"),
    ],
)
def test_alarm_comparisons_are_those_of_cloudwatch(comparison, at_limit):
    """Each operator at the threshold itself; an unknown one changes nothing."""
    assert judged(Rule(comparison, 5, 1, 1), [5.0], "OK") == at_limit
    assert judged(Rule("Other", 5, 1, 1), [9.0], "OK") == "OK"


def test_other_programs_of_the_machine_never_stop_a_scale_out():
    """Room for a task more is what the rehearsal's own tasks leave of this machine's CPUs."""
    nobody = cast("Any", None)
    collector = MetricsCollector(nobody, nobody, 30.0, print, nobody)
    assert collector._room()
    collector.used = {"a": (0.5, 0), "b": (0.9 * (os.cpu_count() or 1), 0)}
    assert not collector._room()
