"""A build: the folder that an image is made from, and what its Dockerfile is given."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from seatrial.model.noun import Noun, Text

Argument = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)]
# What `docker build --secret id=` and a Dockerfile's `--mount=type=secret,id=` take.
SecretId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", max_length=128)]
# Debian policy manual, section 5.6.1, "Source" and "Package".
DebianPackage = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9+.-]+$", max_length=100)]


class Build(Noun):
    """How a service's image is built."""

    context: str = Field(
        ".",
        description="Folder with a Dockerfile, or a Python or Node project; all that the build "
        "sees.",
        examples=["./api"],
    )
    dockerfile: str = Field(
        "",
        description="The Dockerfile, relative to `context`, where it has another name or place. "
        "Default: the folder's `Dockerfile`; without one, Seatrial makes it.",
        examples=["backend/Dockerfile"],
    )
    target: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]*)?$", max_length=128)] = (
        Field(
            "",
            description="The stage of the Dockerfile to build; default: its last.",
            examples=["production"],
        )
    )
    args: dict[Argument, Text] = Field(
        {},
        description="Values of the Dockerfile's `ARG`. Everybody who can pull the image can read "
        "them.",
        examples=["{VERSION: '2'}"],
    )
    secrets: dict[SecretId, Argument] = Field(
        {},
        description="Secrets for `RUN --mount=type=secret,id=...`: each id, and the variable of "
        "the deploying machine that holds its value. They are in no layer of the image.",
        examples=["{npm-token: NPM_TOKEN}"],
    )
    packages: tuple[DebianPackage, ...] = Field(
        (),
        max_length=100,
        description="Debian packages that the generated Dockerfile installs.",
        examples=["[tesseract-ocr, poppler-utils]"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare folder."""
        return {"context": raw} if isinstance(raw, str) else raw

    @model_validator(mode="before")
    @classmethod
    def _of_a_folder(cls, raw: Any) -> Any:
        """Read the bare folder that records of releases before this key was a map hold."""
        return cls.long_form(raw)
