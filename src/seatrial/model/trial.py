"""What a trial asks of the app beside its health: requests with their answers, and a load."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from seatrial.model.noun import Noun, Text

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Path = Annotated[str, Field(pattern=r"^/[^\s]*$", max_length=1024)]


class Request(Noun):
    """One request and the answer that a release must give to it."""

    path: Path = Field(description="What is asked, from the app's address.", examples=["/notes"])
    method: Method = Field("GET", description="How it is asked.", examples=["POST"])
    headers: dict[Text, Text] = Field(
        {}, description="Headers to send.", examples=["{content-type: application/json}"]
    )
    body: Text = Field("", description="The body to send.", examples=['\'{"title": "a"}\''])
    status: Annotated[int, Field(ge=100, le=599)] = Field(
        200, description="The status that must come back.", examples=["201"]
    )
    contains: Text = Field(
        "", description="Text that the answer must hold.", examples=['\'"status": "ok"\'']
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare path."""
        return {"path": raw} if isinstance(raw, str) else raw


class Load(Noun):
    """The steady load that runs while everything else happens."""

    rate: Annotated[int, Field(ge=1, le=1000)] = Field(
        10, description="Requests a second.", examples=["50"]
    )
    paths: tuple[Path, ...] = Field(
        (),
        description="What is asked, in turn, with GET. Empty: the public services' health paths, "
        "and the `requests` that only read.",
        examples=["[/, /notes]"],
    )


class Trial(Noun):
    """What `seatrial trial` checks in this app."""

    requests: tuple[Request, ...] = Field(
        (),
        description="Asked of every release that serves; each answer must be as expected.",
        examples=["[{path: /notes, contains: '['}]"],
    )
    load: Load = Field(
        Load(), description="The load through the balancer.", examples=["{rate: 50}"]
    )
