"""Python and Node of this machine, found by version: what an image would bring along."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from seatrial.errors import UserError
from seatrial.ops.images import packages
from seatrial.ops.images.packages import Packages


def python(wanted: Packages, folder: Path) -> tuple[Path, str]:
    """Return the Python for a build and its version; one that nobody asked for may be another.

    uv may install a version that a file of the project asks for. Raises UserError.
    """
    minor = ".".join(wanted.version.split(".")[:2])
    found = _python(minor) or (_installed_by_uv(minor) if wanted.version_file else None)
    if found:
        return found, minor
    near = sorted(_pythons().items(), key=lambda row: _distance(row[0], minor))
    allowed = [row for row in near if packages.allows(wanted.allowed, row[0])]
    if not allowed:
        raise UserError.of(
            "build-python",
            f"{folder.name} needs Python {minor} ({wanted.version_file}); this machine has "
            f"{', '.join(sorted(_pythons(), key=_parts))}",
            f"Install it (`uv python install {minor}`), or change what {wanted.version_file} asks "
            "for. Or rehearse with containers: `seatrial up --engine podman`.",
        )
    return allowed[0][1], allowed[0][0]


def node(wanted: Packages, folder: Path) -> tuple[Path, str]:
    """Return the Node for a build and its major version; see ``python``. Raises UserError."""
    found = _nodes()
    if not found:
        raise UserError.of(
            "build-node",
            f"{folder.name} needs Node {wanted.version}; this machine has no `node`",
            f"Install Node {wanted.version}.",
        )
    if path := found.get(wanted.version):
        return path, wanted.version
    if wanted.version_file:
        raise UserError.of(
            "build-node",
            f"{folder.name} needs Node {wanted.version} ({wanted.version_file}); this machine has "
            f"{', '.join(sorted(found))}",
            f"Install Node {wanted.version}, or change what {wanted.version_file} asks for.",
        )
    nearest = min(found, key=lambda major: abs(int(major) - int(wanted.version)))
    return found[nearest], nearest


def uv() -> str:
    """Return the path of uv, which comes with Seatrial; raises UserError."""
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    if program := shutil.which("uv", path=path):
        return program
    raise UserError.of(
        "build-tools", "`uv` is missing", "Install Seatrial again: uv comes with it."
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _distance(version: str, wanted: str) -> tuple[int, bool]:
    """Order versions: the nearest first, of two the newer one."""
    difference = _parts(version)[1] - _parts(wanted)[1]
    return abs(difference), difference < 0


@cache
def _python(minor: str) -> Path | None:
    """Return an interpreter of a version such as ``3.12``, if this machine has one."""
    if minor == f"3.{sys.version_info.minor}":
        return Path(str(getattr(sys, "_base_executable", sys.executable)))
    return next((path for path in _candidates(f"python{minor}") if _works(path, minor)), None)


def _pythons() -> dict[str, Path]:
    """Return an interpreter of each version that this machine has."""
    return {minor: path for minor in packages.PYTHONS if (path := _python(minor))}


def _candidates(name: str) -> Iterator[Path]:
    """Yield what may be an interpreter: on PATH, of pyenv, of uv."""
    yield from (Path(folder) / name for folder in os.get_exec_path())
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "uv" / "python"
    for versions in (pyenv, Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data)):
        yield from sorted(versions.glob(f"*/bin/{name}"), reverse=True)


def _works(path: Path, version: str) -> bool:
    """Say whether a program is that Python, with ``venv``; pyenv's shims stand for any."""
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [path, "-c", code], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == version


def _installed_by_uv(minor: str) -> Path | None:
    """Have uv find or install a version; None where it cannot be had."""
    for words in (["python", "install", "--quiet", minor], ["python", "find", minor]):
        done = subprocess.run(
            [uv(), *words, *(["--no-bin"] if "install" in words else [])],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"UV_HTTP_RETRIES": "0"},
        )
        if done.returncode:
            return None
    return Path(done.stdout.strip())


@cache
def _nodes() -> dict[str, Path]:
    """Return Node by its major version: of PATH, and of nvm."""
    nvm = Path(os.environ.get("NVM_DIR") or Path.home() / ".nvm") / "versions" / "node"
    paths = [Path(folder) / "node" for folder in os.get_exec_path()]
    found: dict[str, Path] = {}
    for path in [*paths, *sorted(nvm.glob("v*/bin/node"), reverse=True)]:
        if path.is_file() and (version := _node_version(path)):
            found.setdefault(version, path)
    return found


def _node_version(path: Path) -> str:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip().removeprefix("v").partition(".")[0]
