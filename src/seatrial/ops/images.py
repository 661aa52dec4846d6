"""Images of an app's builds: built, and put into their repositories where they are missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seatrial.cloud import registry
from seatrial.cloud.session import Session
from seatrial.model.app import App
from seatrial.resources.context import builds

MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Built:
    """An image that can be pushed: its manifest says everything else."""

    manifest: str
    digest: str
    notes: tuple[str, ...] = ()


# A builder takes the build's folder and platform; it must give equal images for equal folders.
Builder = Callable[[Path, str], Built]


def build(app: App, folder: Path, builder: Builder) -> dict[str, Built]:
    """Build every build of an app, by its name."""
    found: dict[str, Built] = {}
    for service, name in builds(app).items():
        if name not in found:
            wanted = app.services[service]
            found[name] = builder((folder / str(wanted.build)).resolve(), wanted.platform)
    return found


def push(session: Session, built: dict[str, Built], outputs: dict[str, str]) -> dict[str, str]:
    """Put missing images into their repositories; returns the images by digest."""
    images = {}
    for name, image in built.items():
        url = outputs[name]
        repository = url.partition("/")[2]
        if not registry.has(session, repository, image.digest):
            registry.put(
                session,
                repository,
                image.manifest,
                MEDIA_TYPE,
                f"c-{image.digest.removeprefix('sha256:')[:24]}",
            )
        images[name] = f"{url}@{image.digest}"
    return images
