"""Overrides: Terraform that the app file has no word for."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from seatrial.model.noun import Noun, Text

Address = Annotated[str, Field(pattern=r"^aws_[a-z0-9_]+\.[a-z][a-z0-9_-]*$", max_length=200)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.tf|\.tf\.json)$", max_length=100)]


class Overrides(Noun):
    """Changes to the generated Terraform, and files of your own beside it."""

    patches: dict[Address, dict[str, Any]] = Field(
        {},
        description="Arguments to set on a generated resource, by its Terraform address. Maps are "
        "merged, also inside JSON documents, where items of lists are merged by their `name`; "
        "other lists and values are replaced; expressions are not evaluated.",
        examples=["{aws_lb.main: {idle_timeout: 120}}"],
    )
    files: tuple[str, ...] = Field(
        (),
        description="Terraform files of the project to add to the foundation unchanged.",
        examples=["[infra/extra.tf]"],
    )
    texts: dict[FileName, Text] = Field(
        {}, exclude=False, description="Filled from `files` when they are read.", examples=["{}"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept one file, or a list of files."""
        if isinstance(raw, str):
            return {"files": [raw]}
        return {"files": raw} if isinstance(raw, list) else raw
