"""A secret: a value that only its users can read; generated, or set by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

KeyName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]


class Secret(Noun):
    """A value in Secrets Manager; never in Terraform, its state, or a log."""

    generate: Annotated[int, Field(ge=0, le=1024)] = Field(
        0,
        description="Length of the generated value; 0: the value is set by hand.",
        examples=["48"],
    )
    keys: tuple[KeyName, ...] = Field(
        (),
        description="Names of several values stored together as JSON.",
        examples=["[jwt, admin]"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept ``by-hand``."""
        return {"generate": "0"} if raw == "by-hand" else raw


KEY = "key:"  # begins the attribute that is one of a secret's keys


def _variables(app: App, use: Use) -> Iterator[Variable]:
    """One value, or one for each of its keys; a secret read again also has its ARN."""
    keys = app.secrets[use.name].keys
    for key in keys:
        yield Variable(contract.variable(use.name, key.upper()), KEY + key, secret=True)
    if not keys:
        yield Variable(contract.variable(use.name), "value", secret=True)
    if use.access == "live":
        yield Variable(contract.variable(use.name, "ARN"), "arn")


KIND = Kind(
    section="secrets",
    attributes=("value", "arn"),
    secret=frozenset({"value"}),
    accesses=("", "live"),
    variables=_variables,
)
