"""Tasks that are asked for by hand: what ECS answers where it starts none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from canned import answers
from seatrial.cloud import services
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.target import Target

FULL = {
    "tasks": [],
    "failures": [{"reason": "Capacity is unavailable at this time. Please try again later."}],
}


def _session() -> Session:
    place = (Path("nowhere"), "http://127.0.0.1:1", "key", "secret")
    return Session(Target("live", "123456789012", "us-east-1", *place, pace=100))


def test_a_task_without_room_is_asked_for_again():
    """RunTask raises nothing: its answer has no task, and says why."""
    found = iter([FULL, FULL, {"tasks": [{"taskArn": "arn:of:it"}], "failures": []}])
    session = _session()

    def answer(_: Any) -> dict[str, Any]:
        return next(found)

    answers(session, "ecs", RunTask=answer)
    assert services.run(session, "c", "f", {"subnets": []}) == "arn:of:it"


@pytest.mark.parametrize("reason", ["Capacity is unavailable at this time.", "MISSING"])
def test_a_task_that_never_starts_is_an_error_with_ecs_words(reason: str):
    """Also one whose reason no waiting ends."""
    session = _session()
    answers(session, "ecs", RunTask={"tasks": [], "failures": [{"reason": reason}]})
    with pytest.raises(UserError) as raised:
        services.run(session, "c", "f", {"subnets": []}, timeout=5)
    assert raised.value.problems[0].code == "migration-unplaced"
    assert reason in raised.value.problems[0].message
