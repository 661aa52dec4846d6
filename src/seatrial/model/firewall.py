"""The firewall: AWS's managed rules and a rate limit before anything reaches the app."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from seatrial.model.kind import Kind
from seatrial.model.noun import Noun

Group = Literal["reputation", "anonymous", "common", "bad-inputs", "sql"]


class Firewall(Noun):
    """A web ACL of AWS WAF before the app's address."""

    rate: Annotated[int, Field(ge=10, le=2_000_000_000)] = Field(
        2000, description="Maximum requests per IP address in five minutes.", examples=["500"]
    )
    rules: tuple[Group, ...] = Field(
        ("reputation", "anonymous", "common", "bad-inputs"),
        description="AWS's managed rule groups, in this order.",
        examples=["[reputation, common, bad-inputs, sql]"],
    )
    count: bool = Field(
        False, description="Only count what would be blocked, to test rules.", examples=["true"]
    )
    large_bodies: bool = Field(
        False,
        description="Allow bodies over 8 KB through the `common` rules; needed for uploads.",
        examples=["true"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept ``true``: every default."""
        return {} if raw in ("", "true") else raw


KIND = Kind(section="firewall", single=True)
