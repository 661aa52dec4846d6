"""A topic: messages that several hear of, by mail, at an address or in a queue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from seatrial.model.alarms import Email, Webhook
from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Name, Noun
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use


class Topic(Noun):
    """A topic on SNS, encrypted; its users publish to it."""

    email: tuple[Email, ...] = Field(
        (),
        description="Addresses that get each message as a mail; each must accept once, by a link.",
        examples=["[ops@example.com]"],
    )
    webhook: tuple[Webhook, ...] = Field(
        (),
        description="HTTPS addresses that SNS posts to and that confirm the subscription by "
        "themselves.",
        examples=["[https://events.example.com/sns]"],
    )
    queues: tuple[Name, ...] = Field(
        (),
        description="Queues of the app that get each message, as it was published.",
        examples=["[mails]"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept an empty value, one queue, or a list of queues."""
        if raw == "":
            return {}
        if isinstance(raw, str):
            return {"queues": [raw]}
        return {"queues": raw} if isinstance(raw, list) else raw


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "ARN"), "arn")


def _check(app: App) -> Iterator[Finding]:
    """Yield queues that are not there or in order, and the one name that alarms take."""
    for name, topic in app.topics.items():
        for index, queue in enumerate(topic.queues):
            path = ("topics", name, "queues", index)
            if queue not in app.queues:
                text = f"there is no queue `{queue}`"
                why: tuple[Path, ...] = (path, ("queues", queue))
                yield Finding("appfile-use", path, text, nearest(queue, app.queues), why)
            elif app.queues[queue].fifo:
                text = f"`{queue}` keeps its messages in order, and a topic does not"
                fix = "Take a queue without `fifo`."
                yield Finding("appfile-use", path, text, fix)
        if name == "alarms":
            text = "`alarms` is reserved: the topic of the app's alarms has this name"
            yield Finding("appfile-name-reserved", ("topics", name), text, "Choose another name.")


KIND = Kind(
    section="topics",
    attributes=("arn", "name"),
    accesses=("",),
    variables=_variables,
    check=_check,
)
