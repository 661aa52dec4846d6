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
from seatrial.engine.containers import ARCHITECTURES, Contents, Engine, Login, Order
from seatrial.errors import UserError
from seatrial.events import Emit, Note
from seatrial.ops.images import private_files, recipe, runtime_wheel, sources
from seatrial.ops.images.build_input import DOCKERFILE, BuildInput
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

    def made(build: BuildInput, known: Known) -> Built:
        tag = content(build)
        if found := known(tag):
            return Present(found)
        by = "" if build.dockerfile else ", by a Dockerfile made for it"
        emit(Note(f"building {build.name} with {engine.name}{by}"))
        order = _order(build, into / tag)
        image = containers.build(engine, order, into / f"{build.name}.log")
        contents = containers.contents(engine, image)
        _refuse_platform(build, contents)
        said = private_files.note(sources.files(build.folder), sources.IGNORE_FILE)
        return Layers(engine, image, tag, (*said, *_doubts(build.name, contents)))

    return made


def planner() -> Builder:
    """Return what says which images a deploy would run, and builds nothing."""

    def plan(build: BuildInput, known: Known) -> Built:
        tag = content(build)
        return Present(known(tag) or f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}")

    return plan


def content(build: BuildInput) -> str:
    """Return the tag that names everything an image is made from, but its base."""
    found = hashlib.sha256(build.content(sources.files(build.folder)).encode())
    if not build.dockerfile:
        found.update(recipe.text(build.folder, packages=build.packages).encode())
        if runtime_wheel.required_by(build.folder):
            found.update(runtime_wheel.fingerprint().encode())
    return f"c-{found.hexdigest()[:24]}"


def _order(build: BuildInput, into: Path) -> Order:
    """Return what an engine is asked for; raises UserError where a secret has no value."""
    missing = sorted(name for name in build.secret_variables.values() if not os.environ.get(name))
    if missing:
        raise UserError.of(
            "build-secret",
            f"the build of {build.name} needs {', '.join(missing)}, and this machine's environment "
            "has no such variable",
            f"Set it for the command: `{missing[0]}=... seatrial deploy ENV`.",
        )
    return Order(
        context=build.folder if build.dockerfile else _context(build, into),
        platform=build.platform,
        dockerfile=build.dockerfile if build.named else None,
        target=build.target,
        args=build.args,
        secret_values={
            name: os.environ[variable] for name, variable in build.secret_variables.items()
        },
    )


def _context(build: BuildInput, into: Path) -> Path:
    """Copy a build's files and put a Dockerfile beside them."""
    folder, target = build.folder, into / build.name
    shutil.rmtree(target, ignore_errors=True)
    for name, path in sources.files(folder).items():
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    wheels = WHEELS if runtime_wheel.required_by(folder) else ""
    if wheels:
        runtime_wheel.copy(target / wheels)
    (target / sources.IGNORE_FILE).unlink(missing_ok=True)  # obeyed already
    made = recipe.text(folder, wheels=wheels, packages=build.packages)
    (target / DOCKERFILE).write_text(made, encoding="utf-8")
    return target


def _refuse_platform(build: BuildInput, made: Contents) -> None:
    wanted = ARCHITECTURES[build.platform]
    if made.architecture != wanted:
        raise UserError.of(
            "build-platform",
            f"{build.name} was built for {made.architecture}, and `platform: {build.platform}` "
            f"needs {wanted}",
            "Use a base image for that architecture, or change `platform`.",
        )


def _doubts(name: str, made: Contents) -> tuple[str, ...]:
    """What Fargate does to a volume that the image does not declare: root's alone, 0755."""
    if SCRATCH in made.volumes:
        return ()
    return (
        f"{name}'s Dockerfile has no `VOLUME {SCRATCH}`: the task's user cannot write "
        f'there on Fargate. Add `RUN chmod 1777 {SCRATCH}` and `VOLUME ["{SCRATCH}"]`',
    )
