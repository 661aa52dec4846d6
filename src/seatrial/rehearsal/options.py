"""The deploy verb's options where builds are snapshots: in a rehearsal and a practice account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from seatrial.appfile import load
from seatrial.engine import containers
from seatrial.events import Emit, Note
from seatrial.ops.deploy import Options
from seatrial.ops.images import layers
from seatrial.ops.images.build_input import BuildInput
from seatrial.ops.images.builds import Builder, Built, Known
from seatrial.rehearsal import session, snapshots

PROCESS = "process"  # the engine that runs programs without containers

Source = Callable[[str], str | None]  # the value of a secret by its name


def live(
    file: load.AppFile, environment: str, emit: Emit, source: Source, engine: str = PROCESS
) -> Options:
    """Return the options of a rehearsal: builds are snapshots that run from the source folder.

    With a container ``engine`` they are images; raises UserError where the engine does not work.
    """
    folder = session.folder_of(file.folder, environment)
    command = f"seatrial up --env {environment}"
    if engine == PROCESS:
        return _options(file, source, _builder(folder / "images", emit, live=True), command)
    builder = layers.builder(containers.find(engine), folder / "builds", emit)
    return _options(file, source, builder, command)


def frozen(file: load.AppFile, environment: str, emit: Emit, source: Source) -> Options:
    """Return the options of a practice account: builds are copies of the source folder."""
    images = file.folder / ".seatrial" / f"aws-{environment}" / "images"
    command = f"seatrial deploy {environment}"
    return _options(file, source, _builder(images, emit, live=False), command)


def _builder(images: Path, emit: Emit, *, live: bool) -> Builder:
    def builder(build: BuildInput, _: Known) -> Built:
        def log(text: str) -> None:
            emit(Note(text))

        return snapshots.snapshot(build, images, log, live=live)

    return builder


def _options(file: load.AppFile, source: Source, builder: Builder, command: str) -> Options:
    def line(noun: str) -> int | None:
        return load.line_of(file, tuple(noun.split(".")))

    return Options(file.folder, builder, source, command, line)
