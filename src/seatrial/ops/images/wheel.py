"""The runtime kit as a wheel, for builds whose requirements name ``seatrial-runtime``.

While the package is on no registry, a build gets this wheel beside its requirements. It holds the
kit and what the kit knows, and asks for the kit's own requirements only: an app's image carries
no emulator and no PostgreSQL (docs/decisions/0006).
"""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import seatrial_runtime

NAME = "seatrial-runtime"
PACKAGE = "seatrial_runtime"
INSIDE = ("*.py",)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content is the same wheel
REQUIREMENTS = ("requirements.txt", "pyproject.toml")
BY_HAND = """# The runtime kit

These builds ask for `seatrial-runtime`, which is on no registry yet: {builds}. Copy the wheel into
each one's image before its packages are installed:

```sh
pip install --find-links wheels -r requirements.txt
```
"""
WANTED = re.compile(r"^\s*[\"']?seatrial[-_]runtime\b", re.MULTILINE | re.IGNORECASE)


def wanted(requirements: str) -> bool:
    """Say whether a requirements file, or a pyproject's lines, name the package."""
    return bool(WANTED.search(requirements))


def wanted_by(folder: Path) -> bool:
    """Say whether a build's folder asks for the package."""
    files = [folder / name for name in REQUIREMENTS]
    return any(wanted(file.read_text(errors="replace")) for file in files if file.is_file())


def by_hand(builds: Iterable[Path], out: Path) -> tuple[Path, ...]:
    """Write the wheel and how to use it, for images made by hand; nothing where none asks."""
    asking = sorted({build.name for build in builds if wanted_by(build)})
    if not asking:
        return ()
    made, note = write(out), out / "README.md"
    note.write_text(BY_HAND.format(builds=", ".join(asking)), encoding="utf-8")
    return made, note


def write(folder: Path) -> Path:
    """Write the wheel into a folder and return its path; the same content gives the same bytes."""
    version = metadata.version(NAME)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{PACKAGE}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _inside(version).items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return target


def fingerprint() -> str:
    """Return the sha256 of what the wheel holds."""
    found = hashlib.sha256()
    for name, content in _inside(metadata.version(NAME)).items():
        found.update(name.encode() + b"\0" + content)
    return found.hexdigest()


def _inside(version: str) -> dict[str, bytes]:
    root = Path(seatrial_runtime.__file__).parent
    info = f"{PACKAGE}-{version}.dist-info"
    inside = {
        f"{PACKAGE}/{path.relative_to(root).as_posix()}": path.read_bytes()
        for pattern in INSIDE
        for path in sorted(root.glob(pattern))
    }
    inside[f"{info}/METADATA"] = _about(version).encode()
    inside[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: seatrial\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    inside[f"{info}/RECORD"] = _record(inside, f"{info}/RECORD").encode()
    return inside


def _about(version: str) -> str:
    needed = metadata.requires(NAME) or ()
    rows = ["Metadata-Version: 2.1", f"Name: {NAME}", f"Version: {version}"]
    rows += ["Requires-Python: >=3.11", "Provides-Extra: app"]
    return "\n".join([*rows, *(f"Requires-Dist: {row}" for row in needed), ""])


def _record(inside: dict[str, bytes], own: str) -> str:
    rows = []
    for name, content in inside.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}")
    return "\n".join([*rows, f"{own},,", ""])
