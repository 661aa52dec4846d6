"""Images of an app's builds: built, and put into their repositories where they are missing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from seatrial.cloud import registry
from seatrial.cloud.session import Session
from seatrial.model.app import App
from seatrial.model.build import Build
from seatrial.ops.images.build_input import BuildInput
from seatrial.resources.context import Context, builds

MOST_BUILDS = 4  # at a time
MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"


class Built(Protocol):
    """An image that can be put into a repository."""

    @property
    def digest(self) -> str:
        """Return what stands for the image before it is pushed: its digest where that is known."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what a user should know of the image."""

    def push(self, session: Session, repository: str) -> str:
        """Put the image into a repository where it is missing, and return its digest."""


@dataclass(frozen=True)
class Present:
    """An image that lies in its repository already."""

    digest: str
    notes: tuple[str, ...] = ()

    def push(self, session: Session, repository: str) -> str:  # noqa: ARG002
        """Return the digest: nothing is missing."""
        return self.digest


@dataclass(frozen=True)
class Manifest:
    """An image that is all in its manifest: what it runs is found by who runs it."""

    manifest: str
    digest: str
    notes: tuple[str, ...] = ()

    def push(self, session: Session, repository: str) -> str:
        """Put the manifest where it is missing."""
        tag = f"c-{self.digest.removeprefix('sha256:')[:24]}"
        if not registry.has(session, repository, self.digest):
            registry.put(session, repository, self.manifest, MEDIA_TYPE, tag)
        return self.digest


# What a repository holds under a tag: the image's digest, or None.
Known = Callable[[str], str | None]
# A builder must give equal images for equal inputs.
Builder = Callable[[BuildInput, Known], Built]


def build(app: App, folder: Path, builder: Builder, session: Session) -> dict[str, Built]:
    """Build every build of an app, by its name; they are made side by side. Raises UserError."""

    def one(name: str, service: str) -> Built:
        wanted, repository = app.services[service], Context(app).name("repository", name)
        build = BuildInput.of(wanted.build or Build(), folder, wanted.platform)

        def known(tag: str) -> str | None:
            return registry.digest(session, repository, tag)

        return builder(build, known)

    services = {name: service for service, name in builds(app).items()}
    with ThreadPoolExecutor(MOST_BUILDS) as pool:
        made = {name: pool.submit(one, name, services[name]) for name in sorted(services)}
    return {name: future.result() for name, future in made.items()}


def push(session: Session, built: dict[str, Built], outputs: dict[str, str]) -> dict[str, str]:
    """Put missing images into their repositories; returns the images by digest."""
    images = {}
    for name, image in built.items():
        url = outputs[name]
        images[name] = f"{url}@{image.push(session, url.partition('/')[2])}"
    return images
