"""What a build's folder asks for: an interpreter, its packages, the lock that pins them.

Read once, for both ways of building: the generated Dockerfile and a rehearsal's environment run the
same commands on the same version.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from seatrial.appfile import builds

PYTHON_DEFAULT, NODE_DEFAULT = "3.12", "22"
SETUP = "setup.py"
PYTHONS = tuple(f"3.{minor}" for minor in range(8, 16))
REQUIREMENTS, PROJECT = "requirements.txt", "pyproject.toml"
# Each lock's own program writes its packages as requirements with hashes, into the file `{locked}`.
LOCKS = {
    "uv.lock": "uv export --quiet --frozen --no-dev --no-emit-project -o {locked}",
    "poetry.lock": "uv tool run --quiet --from poetry==2.5.1 --with poetry-plugin-export==1.10.1 "
    "poetry export --only main -f requirements.txt -o {locked}",
    "pdm.lock": "uv tool run --quiet --from pdm==2.29.4 pdm export --prod "
    "-f requirements -o {locked}",
    "Pipfile.lock": "uv tool run --quiet --from pipenv==2026.10.3 pipenv requirements --hash "
    "> {locked}",
}
NODE_LOCKS = {
    "package-lock.json": "npm ci --omit=dev",
    "npm-shrinkwrap.json": "npm ci --omit=dev",
    "yarn.lock": "npx --yes yarn@1.22.22 install --frozen-lockfile --production",
    "pnpm-lock.yaml": "npx --yes pnpm@10 install --frozen-lockfile --prod",
}
# What makes an environment anew when it changes.
FILES = (
    REQUIREMENTS,
    PROJECT,
    SETUP,
    *builds.SPLIT,
    "Pipfile",
    "package.json",
    *LOCKS,
    *NODE_LOCKS,
    ".python-version",
    ".nvmrc",
)
# What names other files of the project needs all of it when packages are installed.
_OTHER_FILES = re.compile(
    r"^\s*(-r|-c|-e|--requirement|--constraint|--editable|\.{1,2}/)"
    r"|\bpath\s*=|\bworkspace\s*=|\[tool\.uv\.workspace\]|file:|^dynamic\s*=",
    re.M,
)
_NUMBER = re.compile(r"(\d+(?:\.\d+)*)")


@dataclass(frozen=True, kw_only=True)
class Packages:
    """What an image of a folder has installed.

    ``version`` is the interpreter's; ``version_file`` the file that asks for it, empty where none
    does; ``allowed`` the versions that would do as well. ``source`` names the packages, ``files``
    are what installing them reads (``.``: all); ``editable``: the project itself is installed.
    """

    language: Literal["python", "node"]
    version: str
    version_file: str = ""
    allowed: SpecifierSet = field(default_factory=SpecifierSet)
    source: str = ""
    files: tuple[str, ...] = ()
    editable: bool = False


def read(folder: Path) -> Packages:
    """Read a folder; one without Python's files is a Node project where it has package.json."""
    python = any((folder / name).is_file() for name in builds.PYTHON)
    if not python and (folder / "package.json").is_file():
        return _node(folder)
    version, version_file, allowed = _python_version(folder)
    named = (REQUIREMENTS, *LOCKS, PROJECT, SETUP, *builds.SPLIT)
    source = next((s for s in named if (folder / s).is_file()), "")
    return Packages(
        language="python",
        version=version,
        version_file=version_file,
        allowed=allowed,
        source=source,
        files=_files(folder, source),
        editable=source in (*LOCKS, PROJECT, SETUP)
        and source != "Pipfile.lock"
        and _installs_itself(folder),
    )


def with_source(found: Packages, folder: Path, source: str) -> Packages:
    """Return the packages as another file of the folder names them."""
    fields = {**vars(found), "source": source, "files": _files(folder, source)}
    locked = source in LOCKS and source != "Pipfile.lock"
    return Packages(**{**fields, "editable": locked and _installs_itself(folder)})


def _files(folder: Path, source: str) -> tuple[str, ...]:
    """Return what the packages need: as little as can be, so that edits leave their layer alone."""
    if not source:
        return ()
    if source == SETUP or source in builds.SPLIT:
        return (".",)
    beside = {"Pipfile.lock": ("Pipfile", source)}.get(source, (PROJECT, source))
    named = beside if source in LOCKS else (source,)
    present = [name for name in named if (folder / name).is_file()]
    texts = [(folder / name).read_text("utf-8", "replace") for name in present if name != source]
    if source not in LOCKS:
        texts.append((folder / source).read_text("utf-8", "replace"))
    return (".",) if any(_OTHER_FILES.search(text) for text in texts) else tuple(present)


def _installs_itself(folder: Path) -> bool:
    """Say whether a project is a package of its own, by the word of the tool that manages it."""
    found = _toml(folder / PROJECT)
    tool = found.get("tool", {})
    for name, key in (("uv", "package"), ("poetry", "package-mode"), ("pdm", "distribution")):
        if (said := tool.get(name, {}).get(key)) is not None:
            return bool(said)
    return "build-system" in found or (folder / SETUP).is_file()


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _python_version(folder: Path) -> tuple[str, str, SpecifierSet]:
    """Return the version of Python, the file that asks for it, and what else that allows."""
    if number := _number(folder / ".python-version"):
        minor = ".".join(number.split(".")[:2])
        return number, ".python-version", SpecifierSet(f"=={minor}.*")
    for file, stated in ((PROJECT, _project_version), ("Pipfile", _pipfile_version)):
        if (allowed := _specifiers(stated(_toml(folder / file)))) is not None:
            return _lowest(allowed), file, allowed
    return PYTHON_DEFAULT, "", SpecifierSet()


def _number(file: Path) -> str:
    """Return the first number of a file that asks for a version, without ``v`` or ``cpython-``."""
    text = file.read_text("utf-8", "replace") if file.is_file() else ""
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    found = _NUMBER.search(next(filter(None, lines), ""))
    return found[1] if found else ""


def _project_version(found: dict[str, Any]) -> str:
    poetry = found.get("tool", {}).get("poetry", {}).get("dependencies", {}).get("python", "")
    return str(found.get("project", {}).get("requires-python") or poetry)


def _pipfile_version(found: dict[str, Any]) -> str:
    requires = found.get("requires", {})
    version = str(requires.get("python_full_version") or requires.get("python_version") or "")
    return f"=={'.'.join(version.split('.')[:2])}.*" if version else ""


def _specifiers(text: str) -> SpecifierSet | None:
    """Read requires-python, also Poetry's ``^3.9`` and ``~3.9``; None where it says nothing."""
    parts = [_plain(part.strip()) for part in text.split(",") if part.strip() not in ("", "*")]
    try:
        return SpecifierSet(",".join(parts)) if parts else None
    except InvalidSpecifier:
        return None


def _plain(part: str) -> str:
    number = part.lstrip("^~= ")
    first, _, rest = number.partition(".")
    if part.startswith("^"):
        return f">={number},<{int(first) + 1}"
    if part.startswith("~") and not part.startswith("~="):
        return f">={number},=={first}.{rest.partition('.')[0]}.*"
    bare = part.removesuffix(".*")
    return f"=={bare}.*" if part[:1].isdigit() else part


def _lowest(allowed: SpecifierSet) -> str:
    """Return the default where it is allowed, else the first version after it, or before it."""
    default = PYTHONS.index(PYTHON_DEFAULT)
    order = (*PYTHONS[default:], *reversed(PYTHONS[:default]))
    return next((v for v in order if allows(allowed, v)), PYTHON_DEFAULT)


def allows(allowed: SpecifierSet, version: str) -> bool:
    """Say whether any patch release of ``3.12`` is allowed."""
    minor = ".".join(version.split(".")[:2])
    return any(allowed.contains(f"{minor}.{patch}") for patch in (0, 99))


def _node(folder: Path) -> Packages:
    lock = next((name for name in NODE_LOCKS if (folder / name).is_file()), "")
    number, version_file = _number(folder / ".nvmrc").partition(".")[0], ".nvmrc"
    if not number:
        engines = _json(folder / "package.json").get("engines", {})
        number = _node_of(str(engines.get("node") or ""))
        version_file = "package.json" if engines.get("node") else ""
    return Packages(
        language="node",
        version=number,
        version_file=version_file,
        source=lock or "package.json",
        files=("package.json", lock) if lock else ("package.json",),
    )


def _node_of(wanted: str) -> str:
    """Return the default where npm's range allows it, else the first even version that fits."""
    fit = (str(n) for n in (int(NODE_DEFAULT), *range(14, 40, 2)) if node_allows(wanted, n))
    return next(fit, NODE_DEFAULT)


def node_allows(wanted: str, major: int) -> bool:
    """Say whether a range such as ``>=18 <21 || ^22`` allows a major version (npm, "semver")."""

    def holds(clause: str) -> bool:
        found = _NUMBER.search(clause)
        number = int(found[1].partition(".")[0]) if found else major
        if clause.startswith(">"):
            return major >= number
        below = number + ("=" in clause or "." in clause.rstrip(".0"))
        return major < below if clause.startswith("<") else major == number

    alternatives = re.sub(r"([<>=^~]+)\s+", r"\1", wanted).split("||")
    return any(all(holds(clause) for clause in part.split()) for part in alternatives)


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
