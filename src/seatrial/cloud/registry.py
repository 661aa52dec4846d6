"""ECR: is an image there, putting one there by its manifest, and who may push layers."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors, code

# A list of images for several platforms is returned only to who asks for it (ECR API reference,
# BatchGetImage).
MANIFESTS = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
]


ABSENT = ("ImageNotFoundException", "RepositoryNotFoundException")


@dataclass(frozen=True)
class RegistryLogin:
    """The registry's address, and a name and password that it takes for twelve hours."""

    endpoint: str
    user: str
    password: str = field(repr=False)


def login(session: Session) -> RegistryLogin:
    """Return how an engine gets into the account's registry (ECR, GetAuthorizationToken)."""
    with aws_errors("to be let into the image registry"):
        row = session.client("ecr").get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(row["authorizationToken"]).decode().partition(":")
    return RegistryLogin(row["proxyEndpoint"], user, password)


def has(session: Session, repository: str, digest: str) -> bool:
    """Return whether a repository holds an image."""
    return _found(session, repository, {"imageDigest": digest}) is not None


def digest(session: Session, repository: str, tag: str) -> str | None:
    """Return the digest of the image under a tag; None where there is none."""
    return _found(session, repository, {"imageTag": tag})


def _found(session: Session, repository: str, image: Any) -> str | None:
    with aws_errors(f"to look for an image in {repository}"):
        try:
            found = session.client("ecr").describe_images(
                repositoryName=repository, imageIds=[image]
            )
        except ClientError as error:
            if code(error) in ABSENT:
                return None
            raise
    return str(found["imageDetails"][0]["imageDigest"])


def put(session: Session, repository: str, manifest: str, media_type: str, tag: str) -> None:
    """Put an image's manifest under a tag."""
    with aws_errors(f"to push an image to {repository}"):
        session.client("ecr").put_image(
            repositoryName=repository,
            imageManifest=manifest,
            imageManifestMediaType=media_type,
            imageTag=tag,
        )


def platforms(session: Session, repository: str, wanted: str) -> set[str] | None:
    """Return an image's CPU architectures; None where there is no image, empty where it is unsaid.

    ``wanted`` is a digest or a tag. A single manifest says it in its config only, a layer that
    needs a download: that is left to the task's start.
    """
    identity: Any = {"imageDigest" if wanted.startswith("sha256:") else "imageTag": wanted}
    with aws_errors(f"to look at an image of {repository}"):
        try:
            found = session.client("ecr").batch_get_image(
                repositoryName=repository, imageIds=[identity], acceptedMediaTypes=MANIFESTS
            )
        except ClientError as error:
            if code(error) == "RepositoryNotFoundException":
                return None
            raise
    if not found.get("images"):
        return None
    manifest = json.loads(found["images"][0]["imageManifest"])
    listed = [row.get("platform", {}).get("architecture") for row in manifest.get("manifests", ())]
    return {found for found in listed if found and found != "unknown"}
