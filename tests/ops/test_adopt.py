"""Pointers of a resource's body, followed through a state."""

from __future__ import annotations

from seatrial.ops.release.adoption import resolved
from seatrial.resources.graph import Expr, Json, Ref, joined


def test_pointers_are_followed_and_what_leads_nowhere_is_nothing():
    """A reference becomes the attribute; text of parts needs all of them; JSON is left out."""
    known = {("aws_vpc", "main"): {"id": "vpc-1", "arn": "arn:vpc"}}
    here, there = Ref("aws_vpc", "main"), Ref("aws_vpc", "other")
    assert resolved(here, known) == "vpc-1"
    assert resolved(there, known) is None
    assert resolved(joined("a-", here), known) == "a-vpc-1"
    assert resolved(joined("a-", there), known) is None
    assert resolved(joined("a-", Expr("var.x")), known) is None
    body = {"ids": [here, there], "in": {"arn": Ref("aws_vpc", "main", "arn")}, "doc": Json(here)}
    assert resolved(body, known) == {"ids": ["vpc-1", None], "in": {"arn": "arn:vpc"}, "doc": None}
