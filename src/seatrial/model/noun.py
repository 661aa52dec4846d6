"""The base of every noun, and the road from short forms to the one long form."""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, Union

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Text = Annotated[str, StringConstraints(max_length=10_000)]


class Noun(BaseModel):
    """A frozen value of the app file; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Turn this noun's own short form into its long form; anything else passes unchanged."""
        return raw

    @classmethod
    def expand(cls, raw: Any) -> Any:
        """Turn short forms into long ones, here and in every noun below.

        Overlays are merged on this form, so ``count: 2`` and ``count: {min: 2}`` can meet.
        """
        raw = cls.long_form(raw)
        if not isinstance(raw, dict):
            return raw
        fields = cls.model_fields
        return {
            key: _expand_as(fields[key].annotation, value) if key in fields else value
            for key, value in raw.items()
        }


def _expand_as(annotation: Any, value: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, Noun):
        return annotation.expand(value)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        nouns = [a for a in inner if isinstance(a, type) and issubclass(a, Noun)]
        return _expand_as(nouns[0], value) if nouns else value
    if origin is dict and isinstance(value, dict):
        return {key: _expand_as(inner[1], item) for key, item in value.items()}
    if origin is tuple and isinstance(value, list):
        return [_expand_as(inner[0], item) for item in value]
    return value
