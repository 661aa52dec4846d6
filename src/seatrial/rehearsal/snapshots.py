"""A build without a container engine: a snapshot of the folder and an environment beside it.

The image is named by a real OCI manifest, whose digest changes exactly when the content does; the
emulator's ECR keeps the manifest, the controller finds the folder by the digest. A Dockerfile is
read for what it runs; what it builds is listed as not rehearsed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seatrial.ops.images import packages, private_files, sources
from seatrial.ops.images.build_input import BuildInput
from seatrial.ops.images.builds import MEDIA_TYPE, Manifest
from seatrial.rehearsal import dockerfile, environments, image_commands
from seatrial.rehearsal.dockerfile import Program
from seatrial.rehearsal.environments import Environment
from seatrial_emulator.api.labels import BUILDS


@dataclass(frozen=True)
class Variant:
    """An image that differs from its folder's by a label, and, where a fault is named, by what
    happens to its tasks: to those of services, or (``task``) to those that are run alone.
    """

    label: str
    fault: str = ""
    applies_to: str = "service"


def snapshot(
    build: BuildInput,
    into: Path,
    say: Callable[[str], None],
    *,
    live: bool,
    variant: Variant | None = None,
) -> Manifest:
    """Build a folder; ``live`` runs it in place, so that edits are seen. Raises UserError."""
    folder, program = build.folder, _program(build)
    content = build.content(sources.files(folder))
    run_from = folder if live else _copy(folder, into / content)
    made_in = into.parent.parent / "environments"
    environment = environments.make(folder, run_from, program, made_in, say)
    config = json.dumps(
        {
            "architecture": "amd64" if build.platform == "x86_64" else "arm64",
            "os": "linux",
            "config": {
                "Entrypoint": program.entrypoint,
                "Cmd": program.command,
                "User": "10001",
                "Env": [f"{k}={v}" for k, v in sorted(program.environment.items())],
                "Labels": {
                    "seatrial.source": content,
                    "seatrial.environment": environment.folder.name,
                    **({"seatrial.variant": variant.label} if variant else {}),
                },
            },
            "rootfs": {"type": "layers", "diff_ids": []},
        },
        sort_keys=True,
    )
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MEDIA_TYPE,
            "layers": [],
            "annotations": {BUILDS: str(into.absolute())},
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "size": len(config),
                "digest": f"sha256:{hashlib.sha256(config.encode()).hexdigest()}",
            },
        },
        sort_keys=True,
    )
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    row = _record(program.located(run_from), environment) | {"live": str(folder) if live else ""}
    if variant:
        row |= {"fault": variant.fault, "applies_to": variant.applies_to}
    into.mkdir(parents=True, exist_ok=True)
    (into / f"{digest}.json").write_text(json.dumps(row))
    notes = tuple(
        f"not rehearsed: Dockerfile's `{line}`: the file is missing here"
        for line in program.skipped
    )
    notes += image_commands.notes(program.runs, build.packages) + environment.notes
    notes += private_files.note(sources.files(folder), sources.IGNORE_FILE)
    return Manifest(manifest, f"sha256:{digest}", notes)


def _program(build: BuildInput) -> Program:
    """Return what an image runs: as its Dockerfile says, or as the generated one does."""
    if build.dockerfile:
        return dockerfile.read(build.dockerfile, build.target, build.args)
    if packages.read(build.folder).language == "node":
        return Program(command=("npm", "start"))
    return Program()


def _record(program: Program, environment: Environment) -> dict[str, object]:
    """Return how an image runs; the controller finds it by the image's digest."""
    variables = {
        "VIRTUAL_ENV": str(environment.folder),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    } | dict(program.environment)
    variables["PATH"] = environment.path
    return {
        "folder": program.folder,
        "entry": program.entrypoint,
        "words": program.command,
        "environment": variables,
    }


def _copy(folder: Path, to: Path) -> Path:
    if not to.exists():
        part = to.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        for name, path in sources.files(folder).items():
            target = part / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        part.rename(to)
    return to
