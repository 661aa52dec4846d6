"""A site: static files behind CloudFront, built from source, beside the services it calls."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from seatrial.model.command import Command
from seatrial.model.kind import Kind
from seatrial.model.noun import Name, Noun, Text

Pattern = Annotated[str, Field(pattern=r"^/[A-Za-z0-9_.*$/~'@:+-]+$", max_length=255)]
# What a page may do unless the app file says otherwise (MDN, "Content Security Policy").
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"


class Site(Noun):
    """Static files with an address of their own."""

    build: str = Field(description="Folder of the site's source.", examples=["./web"])
    command: Command | None = Field(
        None,
        description="Command that builds the files, run in a copy of that folder; absent if they "
        "already exist.",
        examples=['[sh, -c, "npm ci && npm run build"]'],
    )
    output: str = Field(
        ".", description="Folder below `build` with the built files.", examples=["dist"]
    )
    spa: bool = Field(
        False,
        description="Single-page app: paths without a file get index.html.",
        examples=["true"],
    )
    routes: dict[Pattern, Name] = Field(
        {},
        description="Paths that go to a service instead, so that page and API share one address. "
        "The service must have that public path.",
        examples=["{/api/*: api}"],
    )
    policy: Text = Field(
        POLICY,
        description="The Content-Security-Policy header. `'self'` is the site's own address.",
        examples=["default-src 'self'"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept the bare folder."""
        return {"build": raw} if isinstance(raw, str) else raw


KIND = Kind(section="sites", attributes=("url",), open=frozenset({"url"}))
