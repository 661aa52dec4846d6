"""The wheel of ``seatrial-runtime``, for builds whose requirements name it.

While the package is on no index, a build gets its wheel beside its requirements. An installed
Seatrial carries the wheel as package data (hatch_build.py puts it there); a checkout builds it from
``packages/runtime`` with the same backend, once for each content (docs/decisions/0006).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata, resources
from pathlib import Path
from urllib.parse import unquote, urlsplit

from seatrial.errors import UserError

NAME = "seatrial-runtime"
CARRIED = "wheels"  # the folder of package data that hatch_build.py fills
REQUIREMENTS = ("requirements.txt", "pyproject.toml")
SOURCES = ("pyproject.toml", "README.md", "src/**/*.py", "src/**/py.typed")
README = """# The runtime

These builds require `seatrial-runtime`, which is on no package index yet: {builds}. Copy the wheel
into each one's image before its packages are installed:

```sh
pip install --find-links wheels -r requirements.txt
```
"""
REQUIRED = re.compile(r"^\s*[\"']?seatrial[-_]runtime\b", re.MULTILINE | re.IGNORECASE)


def required(requirements: str) -> bool:
    """Say whether a requirements file, or a pyproject's lines, name the package."""
    return bool(REQUIRED.search(requirements))


def required_by(folder: Path) -> bool:
    """Say whether a build's folder requires the package."""
    files = [folder / name for name in REQUIREMENTS]
    return any(required(file.read_text(errors="replace")) for file in files if file.is_file())


def export(builds: Iterable[Path], out: Path) -> tuple[Path, ...]:
    """Write the wheel and how to install it, for images built by hand; nothing where none asks."""
    requiring = sorted({build.name for build in builds if required_by(build)})
    if not requiring:
        return ()
    wheel, readme = copy(out), out / "README.md"
    readme.write_text(README.format(builds=", ".join(requiring)), encoding="utf-8")
    return wheel, readme


def copy(folder: Path) -> Path:
    """Copy the wheel into a folder and return its path. Raises UserError."""
    wheel = locate()
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(wheel, folder / wheel.name))


def fingerprint() -> str:
    """Return the sha256 of the wheel. Raises UserError."""
    return hashlib.sha256(locate().read_bytes()).hexdigest()


def locate() -> Path:
    """Return the wheel of the installed runtime: carried, or built from a checkout.

    Raises UserError where Seatrial was installed without either.
    """
    carried = Path(str(resources.files("seatrial"))) / CARRIED
    if found := next(carried.glob("*.whl"), None):
        return found
    if (source := _checkout()) is None:
        raise UserError.of(
            "build-runtime",
            f"this installation of Seatrial carries no wheel of {NAME}",
            "Install Seatrial from its wheel, or the checkout's packages with `make setup`.",
        )
    return _built(source, Path(sys.prefix) / "share" / "seatrial" / "wheels")


def _checkout() -> Path | None:
    """Return the folder of the runtime's source where it is installed editable (PEP 610)."""
    try:
        text = metadata.distribution(NAME).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return None
    row = json.loads(text or "{}")
    editable = row.get("dir_info", {}).get("editable", False)
    return Path(unquote(urlsplit(row["url"]).path)) if editable else None


def _built(source: Path, cache: Path) -> Path:
    """Return the wheel of a source folder; the same content is built once."""
    target = cache / _content(source)[:16]
    if found := next(target.glob("*.whl"), None):
        return found
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as part:
        name = _build(source, Path(part)).name
        target.mkdir(exist_ok=True)
        # Whoever builds at the same time puts the same bytes there.
        return (Path(part) / name).replace(target / name)


def _build(source: Path, into: Path) -> Path:
    """Build a wheel with the package's own backend; hatchling's wheels are reproducible."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    done = subprocess.run(
        [*command, "--directory", str(into)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = "\n".join(f"    {line}" for line in done.stderr.strip().splitlines()[-8:])
        raise UserError.of(
            "build-runtime",
            f"the wheel of {NAME} could not be built from {source}:\n{said}",
            "Fix what hatchling reports. Where hatchling is missing: `make setup`.",
        )
    return next(into.glob("*.whl"))


def _content(source: Path) -> str:
    """Return the sha256 of what the wheel is built from."""
    found = hashlib.sha256()
    for path in sorted(file for pattern in SOURCES for file in source.glob(pattern)):
        found.update(path.relative_to(source).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
