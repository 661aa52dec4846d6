"""A queue: messages between services, each tried several times, then kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun
from seatrial.model.units import Days, Duration
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use


class Queue(Noun):
    """A queue on SQS with its dead-letter queue."""

    fifo: bool = Field(
        False,
        description="Deliver a group's messages in order and exactly once; the queue's name then "
        "ends in `.fifo`.",
        examples=["true"],
    )
    visibility: Annotated[Duration, Field(ge=0, le=43_200)] = Field(
        30,
        description="How long a received message is hidden from other receivers; must exceed the "
        "processing time.",
        examples=["5 min"],
    )
    keep: Annotated[Days, Field(ge=1, le=14)] = Field(
        4, description="How long an unreceived message is kept.", examples=["14 days"]
    )
    delay: Annotated[Duration, Field(ge=0, le=900)] = Field(
        0, description="How long a new message is hidden.", examples=["10 s"]
    )
    tries: Annotated[int, Field(ge=1, le=1000)] = Field(
        5,
        description="How often a message is received before it goes to the dead-letter queue.",
        examples=["3"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept an empty value (every default) and ``fifo``."""
        if raw == "":
            return {}
        return {"fifo": "true"} if raw == "fifo" else raw


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "URL"), "url")


KIND = Kind(
    section="queues",
    attributes=("name", "arn", "url"),
    accesses=("", "send", "receive", "full"),
    variables=_variables,
)
