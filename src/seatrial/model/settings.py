"""Settings of the whole app: its edge, its egress, and how long logs are kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from seatrial.model.noun import Noun
from seatrial.model.units import Days

# What CloudWatch Logs accepts (API reference, PutRetentionPolicy).
RETENTIONS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)


class Edge(Noun):
    """What stands between the internet and the services."""

    kind: Literal["cdn", "balancer"] = Field(
        "cdn",
        description="`cdn`: CloudFront in front of an internal load balancer; HTTPS without a "
        "domain. "
        "`balancer`: a public load balancer.",
        examples=["cdn"],
    )
    insecure: bool = Field(
        False,
        description="Accept plain HTTP; required for `balancer` without a domain, and not allowed "
        "in profile production.",
        examples=["true"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept the bare kind."""
        return {"kind": raw} if isinstance(raw, str) else raw


class Network(Noun):
    """How tasks reach the internet."""

    outbound: Literal["", "public", "nat", "endpoints"] = Field(
        "",
        description="`public`: tasks have public addresses that accept no connections (cheapest). "
        "`nat`: "
        "private tasks behind NAT gateways. `endpoints`: AWS only, no internet. Empty: `public` "
        "in profile development, `nat` in production.",
        examples=["nat"],
    )
    nat: Literal["zone", "one"] = Field(
        "zone", description="One NAT gateway per zone, or one for all.", examples=["one"]
    )
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = Field(
        (),
        max_length=20,
        description="TCP ports at which tasks reach the internet, beside HTTPS (443): `587` for "
        "mail. AWS blocks port 25.",
        examples=["[587, 27017]"],
    )


class Logs(Noun):
    """What happens to the services' output."""

    retention: Days = Field(30, description="How long log lines are kept.", examples=["90 days"])
    access: bool | None = Field(
        None,
        description="Store the load balancer's access logs in a bucket. Default: in profile "
        "production.",
        examples=["true"],
    )
    flows: bool | None = Field(
        None,
        description="Log connections that the network rejected (VPC flow logs). Default: in "
        "profile production.",
        examples=["true"],
    )
