"""The packages of a build without a container engine: what its image would install, by the same
commands, on the same version of Python or Node where this machine has it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet

from seatrial.appfile.builds import NAMING
from seatrial.errors import UserError
from seatrial.ops.images import packages, runtime_wheel
from seatrial.ops.images.packages import Packages
from seatrial.rehearsal import image_commands, interpreters
from seatrial.rehearsal.dockerfile import Program

_LAST_LINES = 12  # of a failed command's output
_BASE = re.compile(r"(python(?=:?\d+\.\d)|node):?(\d+\.\d+|\d+)")  # also `uv:python3.12-bookworm`
_REQUIREMENTS = re.compile(r"\s(?:-r|--requirement)[\s=]*(\S+)")
_LOCKED = {"uv sync": "uv.lock", "poetry install": "poetry.lock", "pipenv": "Pipfile.lock"}
_NEEDS_PYTHON = re.compile(r"Python\s*((?:[<>=!~]=?\s*[\d.*]+,?\s*)+)")


@dataclass(frozen=True)
class Environment:
    """Installed packages: their folder, PATH of a task, and what a user should know."""

    folder: Path
    path: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Build:
    """A folder whose packages are installed, as ``wanted``, for programs that run in ``runs``.

    ``named`` are those that its Dockerfile installs by their names.
    """

    folder: Path
    runs: Path
    wanted: Packages
    links: tuple[str, ...]
    named: tuple[str, ...]


def make(
    folder: Path, runs: Path, program: Program, into: Path, say: Callable[[str], None]
) -> Environment:
    """Return a build's environment, made once for each content; raises UserError.

    ``runs`` is where its program runs: the folder itself, or a copy of it.
    """
    if ":" in str(into):
        raise UserError.of(
            "build-tools",
            f"`{into}` has a `:` in it, which separates folders where programs are looked for",
            "Move the project to a folder without `:` in its path.",
        )
    place = _place(folder, program)
    wanted = _wanted(folder, place, program)
    folder, runs = folder / place, runs / place
    find = interpreters.node if wanted.language == "node" else interpreters.python
    interpreter, version = find(wanted, folder)
    links, wheel = _runtime(folder, into)
    named = image_commands.requirements(program.runs)
    build = _Build(folder=folder, runs=runs, wanted=wanted, links=links, named=named)
    target = into / _key(build, version, wheel)
    into.mkdir(parents=True, exist_ok=True)
    with _alone(target.with_suffix(".lock")):  # builds are made side by side
        if not (target / "ready").exists():
            say(f"installing the packages of {folder.name} ({wanted.language} {version})")
            shutil.rmtree(target, ignore_errors=True)
            install = _install_node if wanted.language == "node" else _install_python
            install(build, target, interpreter)
            (target / "ready").touch()
    notes, programs = _other_version(wanted, version), str(target / "bin")
    if wanted.language == "node":
        notes, programs = notes + _linked(runs, target), str(interpreter.parent)
    path = dict.fromkeys([programs, "/usr/local/bin", "/usr/bin", "/bin"])
    return Environment(target, ":".join(path), notes)


def _place(folder: Path, program: Program) -> str:
    """Return which folder of the sources names the packages; the build's own where that does."""
    inner = [folder / str(source).lstrip("/") for source, _ in program.copies]
    for path in (folder, Path(program.located(folder).folder), *inner):
        at = path.parent if path.is_file() else path
        if at.is_relative_to(folder) and any((at / name).is_file() for name in NAMING):
            return os.path.relpath(at, folder)
    return "."


def _wanted(context: Path, place: str, program: Program) -> Packages:
    """Read what a folder asks for; its Dockerfile's word on versions and files comes first."""
    folder = context / place
    found = packages.read(folder)
    if base := _BASE.search(program.image):
        language, version = base[1], base[2]
        version = version if language == "python" else version.partition(".")[0]
        if language == found.language:
            only = SpecifierSet(f"=={version}.*") if language == "python" else SpecifierSet()
            found = replace(found, version=version, version_file="Dockerfile", allowed=only)
    for line in program.runs:
        if name := _REQUIREMENTS.search(line):
            named = program.source_of(name[1], context)
            source = os.path.relpath(context / named, folder) if named else None
        else:
            source = next((s for words, s in _LOCKED.items() if words in line), None)
        if source and (folder / source).is_file():
            return packages.with_source(found, folder, source)
    return found


def _runtime(folder: Path, into: Path) -> tuple[tuple[str, ...], bytes]:
    """Return uv's options that find the runtime's wheel, and its content; nothing where unused."""
    if not runtime_wheel.required_by(folder):
        return (), b""
    made = runtime_wheel.copy(into.parent / "wheels")
    words = ("--find-links", str(made.parent), "--refresh-package", runtime_wheel.NAME)
    return words, made.read_bytes()


def _key(build: _Build, version: str, wheel: bytes) -> str:
    """Return the name of an environment: everything that its content depends on."""
    place = str(build.runs) if build.wanted.editable else ""
    key = hashlib.sha256(f"{build.wanted.language} {version} {place} {build.named}".encode())
    for name in dict.fromkeys([*packages.FILES, build.wanted.source]):
        if name and (build.folder / name).is_file():
            key.update(name.encode() + (build.folder / name).read_bytes())
    key.update(wheel)
    return key.hexdigest()[:16]


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one at a time make an environment, of this process and of others."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install_python(build: _Build, target: Path, interpreter: Path) -> None:
    _run(["uv", "venv", "--quiet", "--python", str(interpreter), str(target)], build)
    install = ["uv", "pip", "install", "--quiet", "--python", str(target / "bin" / "python")]
    source = build.wanted.source
    if export := packages.LOCKS.get(source):
        source = str(target / "locked.txt")
        _run(["sh", "-c", export.format(locked=f"'{source}'")], build, python=target)
    if source:
        _run([*install, "--compile-bytecode", *build.links, "-r", source], build)
    if build.named:
        _run([*install, "--compile-bytecode", *build.links, *build.named], build)
    if build.wanted.editable:
        _run([*install, "--no-deps", "--editable", str(build.runs)], build)


def _install_node(build: _Build, target: Path, interpreter: Path) -> None:
    """Install into the environment's folder; programs find the packages by a link to it."""
    target.mkdir()
    for name in build.wanted.files:
        shutil.copy(build.folder / name, target / name)
    words = packages.NODE_LOCKS.get(build.wanted.source, "npm install --omit=dev")
    _run(words.split(), build, folder=target, programs=interpreter.parent)
    (target / "node_modules").mkdir(exist_ok=True)


def _linked(runs: Path, target: Path) -> tuple[str, ...]:
    """Lead ``node_modules`` to an environment; a folder's own stay, and are said to differ."""
    link = runs / "node_modules"
    if link.is_symlink() or not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to((target / "node_modules").absolute())
        return ()
    ours, theirs = _versions(target / "node_modules"), _versions(link)
    other = [name for name, version in ours.items() if theirs.get(name) != version]
    if not other:
        return ()
    name = other[0]
    more = f" and {len(other) - 1} more" if other[1:] else ""
    return (
        f"not rehearsed: the image's packages: {runs.name}/node_modules has {name} "
        f"{theirs.get(name, '-')}, the image {ours[name]}{more}. Run `npm ci`, or remove it",
    )


def _versions(modules: Path) -> dict[str, str]:
    """Return the versions that npm installed, by path."""
    try:
        found: dict[str, Any] = json.loads((modules / ".package-lock.json").read_text())
    except (OSError, ValueError):
        return {}
    rows = found.get("packages", {}).items()
    return {path.removeprefix("node_modules/"): row.get("version", "") for path, row in rows}


def _other_version(wanted: Packages, version: str) -> tuple[str, ...]:
    minor = ".".join(wanted.version.split(".")[:2])
    if version == minor:
        return ()
    name = wanted.language.capitalize()
    file = ".python-version" if wanted.language == "python" else ".nvmrc"
    return (
        f"not rehearsed: {name} {minor} of the image; this machine has {version}. Install {name} "
        f"{minor}, or ask for another version in `{file}`",
    )


def _run(
    words: list[str],
    build: _Build,
    *,
    folder: Path | None = None,
    programs: Path | None = None,
    python: Path | None = None,
) -> None:
    """Run a command of an installation; raises UserError with its last lines."""
    done = subprocess.run(
        [interpreters.uv() if words[0] == "uv" else words[0], *words[1:]],
        cwd=folder or build.folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=_variables(programs, python),
    )
    if done.returncode:
        raise _failure(build, (done.stderr.strip() or done.stdout.strip()).splitlines())


def _variables(programs: Path | None, python: Path | None) -> dict[str, str]:
    path = [str(programs)] if programs else []
    path += [str(Path(interpreters.uv()).parent), os.environ.get("PATH", os.defpath)]
    found = os.environ | {
        "PATH": ":".join(path),
        "UV_CACHE_DIR": str(Path(sys.prefix) / "share" / "seatrial" / "packages"),
        "PDM_CHECK_UPDATE": "0",
        "NODE_ENV": "production",
    }
    found.pop("VIRTUAL_ENV", None)
    if python:
        found |= {"UV_PYTHON": str(python / "bin" / "python"), "VIRTUAL_ENV": str(python)}
    return found


def _failure(build: _Build, lines: list[str]) -> UserError:
    said = "\n".join(f"    {line}" for line in lines[-_LAST_LINES:])
    return UserError.of(
        "build-failed",
        f"the packages of {build.folder.name} cannot be installed:\n{said}",
        _fix(build.wanted, "\n".join(lines)),
    )


def _fix(wanted: Packages, said: str) -> str:
    if wanted.language == "python" and (needs := _NEEDS_PYTHON.search(said)):
        source = f"`{wanted.version_file}` asks for" if wanted.version_file else "the image has"
        return (
            f"A package needs Python {needs[1].strip(' ,')}, and {source} {wanted.version}: write "
            "the version it needs into `.python-version`, or require another of the package."
        )
    return f"Fix {wanted.source or 'the requirements'}."
