"""A language or embedding model on Amazon Bedrock: nothing to run, paid by the token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from seatrial.model.finding import Finding
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

# The form of both (Bedrock API reference, Converse, modelId); a profile begins with its geography.
ID = r"^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+([:][a-z0-9-]{1,63})*$"
# Geographies of inference profiles, and the regions that are not in them (Bedrock user guide,
# "Supported Regions and models for inference profiles"): only clear contradictions.
OUTSIDE = {
    "us": ("eu-", "ap-", "sa-"),
    "us-gov": ("us-east-1", "us-east-2", "us-west-", "eu-", "ap-", "sa-", "ca-"),
    "eu": ("us-", "ap-", "sa-", "ca-"),
    "apac": ("us-", "eu-", "sa-", "ca-"),
    "jp": ("us-", "eu-", "sa-", "ca-"),
    "au": ("us-", "eu-", "sa-", "ca-"),
    "ca": ("eu-", "ap-", "sa-"),
    "global": (),
}
_PROFILE = re.compile(rf"^({'|'.join(sorted(OUTSIDE, key=len, reverse=True))})\.(.+\..+)$")


class Model(Noun):
    """A model on Amazon Bedrock; its users may invoke this one and no other."""

    bedrock: Annotated[str, Field(pattern=ID, max_length=256)] = Field(
        description="The ID of a model, or of an inference profile (`us.`, `eu.`, `global.` ... "
        "before a model's ID), which sends requests to several regions.",
        examples=["us.anthropic.claude-haiku-4-5-20251001-v1:0"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare ID."""
        return {"bedrock": raw} if isinstance(raw, str) else raw

    @property
    def geography(self) -> str:
        """Return the geography of an inference profile; "" for a model by itself."""
        found = _PROFILE.match(self.bedrock)
        return found[1] if found else ""

    @property
    def model_id(self) -> str:
        """Return the model's own ID, without a profile's geography."""
        return self.bedrock.removeprefix(f"{self.geography}.")


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "MODEL"), "id")


def _check(app: App) -> Iterator[Finding]:
    """Yield profiles of a geography that the app's region is not in."""
    for name, model in app.models.items():
        if model.geography and app.region.startswith(OUTSIDE[model.geography] or ("-",)):
            path = ("models", name, "bedrock")
            text = f"profiles of `{model.geography}` cannot be called from {app.region}"
            fix = f"Take a profile of this region's geography, or the model `{model.model_id}`."
            yield Finding("appfile-choice", path, text, fix)


KIND = Kind(
    section="models",
    attributes=("id",),
    accesses=("",),
    variables=_variables,
    check=_check,
)
