"""What a trial asks of the app beside its health: requests with their answers, and a load."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from seatrial.model.noun import Noun, Text

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Path = Annotated[str, Field(pattern=r"^/[\x21-\x7e]*$", max_length=1024)]


class Request(Noun):
    """One request and the answer that a release must give to it."""

    path: Path = Field(description="Path to request at the app's address.", examples=["/notes"])
    method: Method = Field("GET", description="HTTP method.", examples=["POST"])
    headers: dict[Text, Text] = Field(
        {}, description="Headers to send.", examples=["{content-type: application/json}"]
    )
    body: Text = Field("", description="The body to send.", examples=['\'{"title": "a"}\''])
    status: Annotated[int, Field(ge=100, le=599)] = Field(
        200, description="Expected status.", examples=["201"]
    )
    contains: Text = Field(
        "", description="Text that the response must contain.", examples=['\'"status": "ok"\'']
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
        description="Paths to request in turn with GET. Default: the public services' health "
        "paths, and GET `requests`.",
        examples=["[/, /notes]"],
    )


class Trial(Noun):
    """What `seatrial trial` checks in this app."""

    requests: tuple[Request, ...] = Field(
        (),
        description="Sent to every release that serves; each response must be as expected. A "
        "deploy sends those before the first that writes: GET and HEAD.",
        examples=["[{path: /notes, contains: '['}]"],
    )
    load: Load = Field(
        Load(), description="The load through the load balancer.", examples=["{rate: 50}"]
    )
