"""A secret: a value that only its users can read; generated, or set by hand."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from seatrial.model.noun import Noun

KeyName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]


class Secret(Noun):
    """A value in Secrets Manager; never in Terraform, its state, or a log."""

    generate: Annotated[int, Field(ge=0, le=1024)] = Field(
        0, description="Length of a value made for you; 0 means it is set by hand.", examples=["48"]
    )
    keys: tuple[KeyName, ...] = Field(
        (), description="Names of several values kept together as JSON.", examples=["[jwt, admin]"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept ``by-hand``."""
        return {"generate": "0"} if raw == "by-hand" else raw
