"""ECR: is an image there, and putting one there by its manifest."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, code, told

# A list of images for several platforms is returned only to who asks for it (ECR API reference,
# BatchGetImage).
MANIFESTS = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
]


def has(session: Session, repository: str, digest: str) -> bool:
    """Return whether a repository holds an image."""
    with told(f"to look for an image in {repository}"):
        try:
            session.client("ecr").describe_images(
                repositoryName=repository, imageIds=[{"imageDigest": digest}]
            )
        except ClientError as error:
            if code(error) == "ImageNotFoundException":
                return False
            raise
        return True


def put(session: Session, repository: str, manifest: str, media_type: str, tag: str) -> None:
    """Put an image's manifest under a tag."""
    with told(f"to push an image to {repository}"):
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
    identity = {"imageDigest" if wanted.startswith("sha256:") else "imageTag": wanted}
    with told(f"to look at an image of {repository}"):
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
