"""Schedules, and AWS's form of them."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from seatrial.model.schedule import checked, expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 3 * * *", "cron(0 3 * * ? *)"),
        ("*/5 * 1 * *", "cron(*/5 * 1 * ? *)"),
        ("0 9 * * 1-5", "cron(0 9 ? * MON-FRI *)"),
        ("0 9 * * 0,7", "cron(0 9 ? * SUN,SUN *)"),
        ("0 9 * * 5-7", "cron(0 9 ? * FRI,SAT,SUN *)"),
        ("0 9 31 1,12 *", "cron(0 9 31 1,12 ? *)"),
        ("cron(0 9 L * ? *)", "cron(0 9 L * ? *)"),
        ("cron(0 9 ? * 6#3 2030-2031)", "cron(0 9 ? * 6#3 2030-2031)"),
        ("rate(5 minutes)", "rate(5 minutes)"),
        ("cron(0 3 * * ? *)", "cron(0 3 * * ? *)"),
    ],
)
def test_cron_is_converted_to_aws_form(text, expected):
    """Five-field cron gets AWS's year, its `?`, and week days by name."""
    assert expected == expression(checked(text))


@pytest.mark.parametrize(
    "text",
    ["", "daily", "0 3 * *", "61 3 * * *", "0 3 1 * 1", "rate(1 minutes)", "rate(5 minute)",
     "cron(0 3 * * * *)", "0 3 * FOO *", "*/x * * * *", "0 5-1 * * *", "0 0 30 2 *",
     "0 0 31 4,6 *", "0 0 30 FEB *", "*/0 * * * *", "0 MON * * *", "٠ 3 * * *",
     "rate(999999999 days)", "rate(٥ minutes)", "cron(0 25 * * ? *)", "cron(0 3 ? * 8 *)",
     "cron(0 3 * * ? 1066)", ",".join(map(str, range(60))) + " " + ",".join(map(str, range(24)))
     + " " + ",".join(map(str, range(1, 32))) + " * *"],
)  # fmt: skip
def test_bad_schedule_is_refused(text):
    """What AWS would refuse is refused before."""
    with pytest.raises(PydanticCustomError):
        checked(text)
