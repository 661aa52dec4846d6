"""A bucket: private object storage, encrypted, reached over TLS only."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from seatrial.model.noun import Noun


class Bucket(Noun):
    """Private object storage on S3."""

    versioned: bool = Field(False, description="Keep old versions of objects.", examples=["true"])

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept an empty value: a bucket with every default."""
        return {} if raw == "" else raw
