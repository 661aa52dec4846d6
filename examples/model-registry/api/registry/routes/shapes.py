"""What comes in over HTTP, and what goes out; the contract's schemas."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictStr

from registry.tables import Artifact, Audit

Type = Literal["model", "dataset", "code"]
Id = Annotated[str, Path(pattern=r"^[a-zA-Z0-9\-]+$", max_length=100)]


def storable(text: str) -> str:
    """Refuse what PostgreSQL cannot hold: NUL and half characters."""
    if "\0" in text:
        raise ValueError("a text has no NUL")
    text.encode()  # UnicodeEncodeError is a ValueError
    return text


Text = Annotated[StrictStr, Field(max_length=4096), AfterValidator(storable)]
Name = Annotated[str, AfterValidator(storable)]


class Shape(BaseModel):
    """What the contract does not name is not looked at."""

    model_config = ConfigDict(extra="ignore")


class Metadata(Shape):
    """ArtifactMetadata."""

    name: Text
    id: Annotated[Text, Field(pattern=r"^[a-zA-Z0-9\-]+$", max_length=100)]
    type: Type


class Data(Shape):
    """ArtifactData; ``download_url`` is ours to say."""

    url: Annotated[Text, Field(min_length=1)]


class Envelope(Shape):
    """Artifact."""

    metadata: Metadata
    data: Data


class ArtifactQuery(Shape):
    """ArtifactQuery."""

    name: Text
    types: list[Type] = []


class Expression(Shape):
    """ArtifactRegEx."""

    regex: Text


class LicenseCheck(Shape):
    """SimpleLicenseCheckRequest."""

    github_url: Text


class UserName(Shape):
    """User."""

    name: Text
    is_admin: StrictBool


class Password(Shape):
    """UserAuthenticationInfo."""

    password: Text


class Login(Shape):
    """AuthenticationRequest."""

    user: UserName
    secret: Password


class SmokeLogin(Shape):
    """The guide's login."""

    username: Text
    password: Text


class NewUser(Shape):
    """A user to be."""

    username: Annotated[Text, Field(min_length=1, max_length=200)]
    password: Annotated[Text, Field(min_length=12)]
    permissions: list[Literal["upload", "search", "download", "admin"]] = ["search", "download"]


class Permissions(Shape):
    """What a user may do from now on."""

    permissions: list[Literal["upload", "search", "download", "admin"]]


def metadata(artifact: Artifact) -> dict[str, str]:
    """Return an artifact as ArtifactMetadata."""
    return {"name": artifact.name, "id": artifact.id, "type": artifact.type}


def audit_entry(row: Audit) -> dict[str, Any]:
    """Return a row as ArtifactAuditEntry."""
    return {
        "user": {"name": row.user_name, "is_admin": row.user_is_admin},
        "date": row.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "artifact": {
            "name": row.artifact_name,
            "id": row.artifact_id,
            "type": row.artifact_type,
        },
        "action": row.action,
    }
