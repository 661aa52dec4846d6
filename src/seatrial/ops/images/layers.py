"""Builds as container images: made by an engine where their content is new, pushed by layers."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from seatrial.cloud import registry
from seatrial.cloud.session import Session
from seatrial.engine import containers
from seatrial.engine.containers import ARCHITECTURES, Contents, Engine, Login
from seatrial.errors import UserError
from seatrial.events import Emit, Note
from seatrial.ops.images import private_files, recipe, runtime_wheel, sources
from seatrial.ops.images.builds import Builder, Built, Known, Present

WHEELS = ".seatrial-wheels"
SCRATCH = "/tmp"  # noqa: S108 -- the one folder of a task that can be written


@dataclass(frozen=True)
class Layers:
    """An image in an engine's own store; ``tag`` names its content."""

    engine: Engine
    image: str
    tag: str
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Return the image's id: the registry's digest is known after the push."""
        return self.image if ":" in self.image else f"sha256:{self.image}"

    def push(self, session: Session, repository: str) -> str:
        """Push the layers that the registry lacks; raises UserError."""
        if found := registry.digest(session, repository, self.tag):
            return found  # another deploy of the same content was quicker: tags are not moved
        issued = registry.login(session)
        address = urlsplit(issued.endpoint)
        login = Login(address.netloc, issued.user, issued.password, plain=address.scheme == "http")
        return containers.push(self.engine, self.image, f"{repository}:{self.tag}", login)


def builder(engine: Engine, into: Path, emit: Emit) -> Builder:
    """Return what builds with an engine; ``into`` keeps its logs and the contexts we make."""

    def build(folder: Path, platform: str, known: Known) -> Built:
        tag = content(folder, platform)
        if found := known(tag):
            return Present(found)
        by = "" if _own(folder) else ", by a Dockerfile made for it"
        emit(Note(f"building {folder.name} with {engine.name}{by}"))
        context = folder if _own(folder) else _context(folder, into / tag)
        image = containers.build(engine, context, platform, into / f"{folder.name}.log")
        made = containers.contents(engine, image)
        _refuse_platform(folder, platform, made)
        said = private_files.note(sources.files(folder), sources.IGNORE_FILE)
        return Layers(engine, image, tag, (*said, *_doubts(folder, made)))

    return build


def planner() -> Builder:
    """Return what says which images a deploy would run, and builds nothing."""

    def plan(folder: Path, platform: str, known: Known) -> Built:
        tag = content(folder, platform)
        return Present(known(tag) or f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}")

    return plan


def content(folder: Path, platform: str) -> str:
    """Return the tag that names everything an image is made from, but its base."""
    found = hashlib.sha256(f"{platform}\0".encode())
    if not _own(folder):
        found.update(recipe.text(folder).encode())
        if runtime_wheel.required_by(folder):
            found.update(runtime_wheel.fingerprint().encode())
    for name, path in sorted(sources.files(folder).items()):
        found.update(f"{name}\0{os.access(path, os.X_OK)}\0".encode())
        with open(path, "rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return f"c-{found.hexdigest()[:24]}"


def _own(folder: Path) -> bool:
    return (folder / "Dockerfile").is_file()


def _context(folder: Path, into: Path) -> Path:
    """Copy a build's files and put a Dockerfile beside them."""
    target = into / folder.name
    shutil.rmtree(target, ignore_errors=True)
    for name, path in sources.files(folder).items():
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    wheels = WHEELS if runtime_wheel.required_by(folder) else ""
    if wheels:
        runtime_wheel.copy(target / wheels)
    (target / sources.IGNORE_FILE).unlink(missing_ok=True)  # obeyed already
    (target / "Dockerfile").write_text(recipe.text(folder, wheels=wheels), encoding="utf-8")
    return target


def _refuse_platform(folder: Path, platform: str, made: Contents) -> None:
    if made.architecture != ARCHITECTURES[platform]:
        raise UserError.of(
            "build-platform",
            f"{folder.name} was built for {made.architecture}, and `platform: {platform}` needs "
            f"{ARCHITECTURES[platform]}",
            "Use a base image for that architecture, or change `platform`.",
        )


def _doubts(folder: Path, made: Contents) -> tuple[str, ...]:
    """What Fargate does to a volume that the image does not declare: root's alone, 0755."""
    if SCRATCH in made.volumes:
        return ()
    return (
        f"{folder.name}'s Dockerfile has no `VOLUME {SCRATCH}`: the task's user cannot write "
        f'there on Fargate. Add `RUN chmod 1777 {SCRATCH}` and `VOLUME ["{SCRATCH}"]`',
    )
