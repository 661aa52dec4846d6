"""A build without a container engine: a snapshot of the folder and an environment beside it.

The image is named by a real OCI manifest, whose digest changes exactly when the content does; the
emulator's ECR keeps the manifest, the controller finds the folder by the digest. A Dockerfile is
read for what it runs; what it builds is listed as not rehearsed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import UserError
from seatrial.ops.images import private_files, runtime_wheel, sources
from seatrial.ops.images.builds import MEDIA_TYPE, Manifest
from seatrial.rehearsal import dockerfile
from seatrial.rehearsal.dockerfile import Program
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
    folder: Path,
    platform: str,
    into: Path,
    say: Callable[[str], None],
    *,
    live: bool,
    variant: Variant | None = None,
) -> Manifest:
    """Build a folder; ``live`` runs it in place, so that edits are seen. Raises UserError."""
    program = dockerfile.read(folder / "Dockerfile")
    environment = _environment(folder, into.parent.parent / "environments", say)
    content = _content_hash(folder)
    config = json.dumps(
        {
            "architecture": "amd64" if platform == "x86_64" else "arm64",
            "os": "linux",
            "config": {
                "Entrypoint": program.entrypoint,
                "Cmd": program.command,
                "User": "10001",
                "Env": [f"{k}={v}" for k, v in sorted(program.environment.items())],
                "Labels": {
                    "seatrial.source": content,
                    "seatrial.environment": environment.name,
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
    run_from = folder if live else _copy(folder, into / content)
    row = _record(program.located(run_from), environment) | {"live": str(folder) if live else ""}
    if variant:
        row |= {"fault": variant.fault, "applies_to": variant.applies_to}
    into.mkdir(parents=True, exist_ok=True)
    (into / f"{digest}.json").write_text(json.dumps(row))
    notes = tuple(f"not rehearsed: Dockerfile's `{line}`" for line in program.skipped)
    notes += private_files.note(sources.files(folder), sources.IGNORE_FILE)
    return Manifest(manifest, f"sha256:{digest}", notes)


def _record(program: Program, environment: Path) -> dict[str, object]:
    """Return how an image runs; the controller finds it by the image's digest."""
    path = f"{environment / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    variables = {
        "PATH": path,
        "VIRTUAL_ENV": str(environment),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    } | dict(program.environment)
    variables["PATH"] = path
    return {
        "folder": program.folder,
        "entry": program.entrypoint,
        "words": program.command,
        "environment": variables,
    }


def _content_hash(folder: Path) -> str:
    found = hashlib.sha256()
    for name, path in sorted(sources.files(folder).items()):
        found.update(name.encode() + b"\0")
        with open(path, "rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


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


def _environment(folder: Path, into: Path, say: Callable[[str], None]) -> Path:
    """Return the Python environment for a folder's requirements, made once for each content."""
    files = [folder / n for n in ("requirements.txt", "pyproject.toml", "uv.lock")]
    present = [file for file in files if file.is_file()]
    key = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for file in present:
        key.update(file.name.encode() + file.read_bytes())
    beside: list[str] = []
    if runtime_wheel.required_by(folder):
        made = runtime_wheel.copy(into.parent / "wheels")
        key.update(made.read_bytes())
        beside = ["--find-links", str(made.parent), "--refresh-package", runtime_wheel.NAME]
    target = into / key.hexdigest()[:16]
    into.mkdir(parents=True, exist_ok=True)
    with _alone(target.with_suffix(".lock")):  # builds are made side by side
        if not (target / "ready").exists():
            say(f"making the Python environment of {folder.name}")
            _install(folder, target, present, beside)
    return target


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one at a time make an environment, of this process and of others."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(folder: Path, target: Path, present: list[Path], beside: list[str]) -> None:
    """Make an environment with a folder's packages; raises UserError."""
    shutil.rmtree(target, ignore_errors=True)
    _uv(["venv", "--quiet", "--python", _interpreter(), str(target)], folder)
    python = str(target / "bin" / "python")
    wanted = next((f for f in present if f.name != "uv.lock"), None)
    if wanted:
        _uv(
            [
                "pip",
                "install",
                "--quiet",
                "--compile-bytecode",
                "--python",
                python,
                *beside,
                "-r",
                wanted.name,
            ],
            folder,
        )
    (target / "ready").touch()


def _interpreter() -> str:
    return str(getattr(sys, "_base_executable", sys.executable))


def _uv(words: list[str], folder: Path) -> None:
    program = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if program is None:
        raise UserError.of(
            "build-tools", "`uv` is missing", "Install Seatrial again: uv comes with it."
        )
    cache = Path(sys.prefix) / "share" / "seatrial" / "packages"
    done = subprocess.run(
        [program, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"UV_CACHE_DIR": str(cache)},
    )
    if done.returncode:
        said = "\n".join(f"    {line}" for line in done.stderr.strip().splitlines()[-12:])
        raise UserError.of(
            "build-failed",
            f"the packages of {folder.name} cannot be installed:\n{said}",
            "Fix the requirements file.",
        )
