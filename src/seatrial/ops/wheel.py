"""The runtime kit as a wheel, for builds whose requirements name ``seatrial``.

While the package is on no registry, a build gets this wheel beside its requirements. It holds the
kit and what the kit knows, and asks for the kit's own requirements only: an app's image carries
no emulator and no PostgreSQL (docs/decisions/0006).
"""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from importlib import metadata
from pathlib import Path

import seatrial

NAME = "seatrial"
INSIDE = ("__init__.py", "contract.py", "runtime/*.py")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content is the same wheel
WANTED = re.compile(r"^\s*[\"']?seatrial\b", re.MULTILINE | re.IGNORECASE)


def wanted(requirements: str) -> bool:
    """Say whether a requirements file, or a pyproject's lines, name the package."""
    return bool(WANTED.search(requirements))


def write(folder: Path) -> Path:
    """Write the wheel into a folder and return its path; the same content gives the same bytes."""
    version = metadata.version(NAME)
    root = Path(seatrial.__file__).parent
    info = f"{NAME}-{version}.dist-info"
    inside = {
        f"{NAME}/{path.relative_to(root).as_posix()}": path.read_bytes()
        for pattern in INSIDE
        for path in sorted(root.glob(pattern))
    }
    inside[f"{info}/METADATA"] = _about(version).encode()
    inside[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: seatrial\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    inside[f"{info}/RECORD"] = _record(inside, f"{info}/RECORD").encode()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{NAME}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return target


def _about(version: str) -> str:
    needed = [row for row in metadata.requires(NAME) or () if re.search(r"extra == .runtime.", row)]
    rows = ["Metadata-Version: 2.1", f"Name: {NAME}", f"Version: {version}"]
    rows += ["Requires-Python: >=3.11", "Provides-Extra: runtime"]
    return "\n".join([*rows, *(f"Requires-Dist: {row}" for row in needed), ""])


def _record(inside: dict[str, bytes], own: str) -> str:
    rows = []
    for name, content in inside.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}")
    return "\n".join([*rows, f"{own},,", ""])
