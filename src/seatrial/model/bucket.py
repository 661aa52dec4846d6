"""A bucket: private object storage, encrypted, reached over TLS only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun
from seatrial.model.units import Days
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use


class Bucket(Noun):
    """Private object storage on S3."""

    versioned: bool = Field(False, description="Keep old versions of objects.", examples=["true"])
    files: str | None = Field(
        None,
        description="A folder whose files every deploy copies to the bucket (configuration, "
        "prompts, reference data). Files deleted from it are removed.",
        examples=["./config"],
    )
    expire: Annotated[Days, Field(ge=1, le=36_500)] | None = Field(
        None, description="Delete objects older than this.", examples=["365 days"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept an empty value: a bucket with every default."""
        return {} if raw == "" else raw


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "BUCKET"), "name")


KIND = Kind(
    section="buckets",
    attributes=("name", "arn"),
    accesses=("", "read", "write", "full"),
    variables=_variables,
)
