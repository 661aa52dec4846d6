"""ECR: is an image there, and putting one there by its manifest."""

from __future__ import annotations

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, code, told


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
