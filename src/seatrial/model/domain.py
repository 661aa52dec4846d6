"""The app's own name on the internet: DNS, certificates, HTTPS."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from seatrial.model.kind import Kind
from seatrial.model.noun import Noun

HOST = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$"
Host = Annotated[str, Field(pattern=HOST, max_length=253)]


class Domain(Noun):
    """A domain name, whose DNS is on Route 53."""

    name: Host = Field(description="The app's address, without https://.", examples=["example.com"])
    zone: Literal["existing", "create"] = Field(
        "existing",
        description="`existing`: use the existing Route 53 zone. `create`: create it; enter its "
        "name servers once at your domain registrar.",
        examples=["create"],
    )
    zone_name: Host | None = Field(
        None,
        description="The zone's name if it is not the domain itself.",
        examples=["example.com"],
    )
    www: bool = Field(False, description="Also redirect `www.` to the domain.", examples=["true"])
    health_check: bool = Field(
        False,
        description="Check the address from several continents every 30 seconds "
        "(Route 53 health check).",
        examples=["true"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept the bare name."""
        return {"name": raw} if isinstance(raw, str) else raw

    @property
    def zone_of(self) -> str:
        """Return the zone's name."""
        return self.zone_name or self.name


KIND = Kind(section="domain", single=True)
