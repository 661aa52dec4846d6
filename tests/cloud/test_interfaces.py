"""Network interfaces that AWS makes: a destroy waits until they are gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from canned import answers
from seatrial.cloud import interfaces
from seatrial.cloud.session import Session
from seatrial.target import Target


def _session(rows: list[list[str]]) -> Session:
    place = (Path("nowhere"), "http://127.0.0.1:1", "key", "secret")
    session = Session(Target("live", "123456789012", "us-east-1", *place, pace=100))
    each = iter(rows)

    def held(_: Any) -> dict[str, Any]:
        return {"NetworkInterfaces": [{"NetworkInterfaceId": name} for name in next(each)]}

    answers(
        session, "ec2", DescribeVpcs={"Vpcs": [{"VpcId": "vpc-1"}]}, DescribeNetworkInterfaces=held
    )
    return session


def test_a_vpc_origins_interfaces_are_waited_for():
    """AWS takes them away itself: then what the destroy could not delete can go."""
    assert interfaces.wait_released(_session([["eni-1", "eni-2"], ["eni-2"], []]), "a", "live")


def test_nothing_is_waited_for_where_aws_holds_none():
    """Then the destroy failed for another cause, which is reported."""
    assert not interfaces.wait_released(_session([[]]), "a", "live")
