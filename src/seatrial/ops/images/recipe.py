"""The Dockerfile of a build that has none: small, locked, not root, ready for a read-only root.

``/tmp`` is declared a volume with its permissions, since Fargate gives a volume that the image
does not declare to root alone (ECS developer guide, "Bind mounts": 0755).
"""

from __future__ import annotations

import os
import re
from importlib import metadata
from pathlib import Path

BASES = {  # AWS's own mirror of the official images: no rate limit for who is not logged in
    "python": "public.ecr.aws/docker/library/python:{version}-slim",
    "node": "public.ecr.aws/docker/library/node:{version}-slim",
}
DEFAULTS = {"python": "3.12", "node": "22"}
VERSION_FILES = {"python": ".python-version", "node": ".nvmrc"}
OTHER_BASE = "SEATRIAL_BASE_IMAGE"  # another base image for generated Dockerfiles: a mirror's
# Requirements that name other files of the project need all of it when they are installed.
_REACHES_OUT = re.compile(r"^\s*(-r|-c|-e|--requirement|--constraint|--editable|\.{1,2}/)", re.M)

PYTHON = """\
# Made by Seatrial from {source}. To change it, keep it as `Dockerfile` in this folder.
FROM {base} AS build
RUN pip install --no-cache-dir uv=={uv}
WORKDIR /build
COPY {files} ./
RUN uv venv --quiet /venv && VIRTUAL_ENV=/venv {install}

FROM {base}
RUN chmod 1777 /tmp
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
RUN python -m compileall -q /app || true
USER 10001:10001
VOLUME ["/tmp"]
"""
PIP = "uv pip install --quiet --compile-bytecode {links}-r {source}"
LOCKED = (
    "uv export --quiet --frozen --no-dev --no-emit-project -o /locked.txt && "
    "VIRTUAL_ENV=/venv uv pip install --quiet --compile-bytecode {links}-r /locked.txt"
)
NODE = """\
# Made by Seatrial from package.json. To change it, keep it as `Dockerfile` in this folder.
FROM {base}
WORKDIR /app
COPY . .
RUN {install} && chmod 1777 /tmp
ENV NODE_ENV=production HOME=/tmp
USER 10001:10001
VOLUME ["/tmp"]
CMD ["npm", "start"]
"""


def text(folder: Path, *, wheels: str = "") -> str:
    """Return a Dockerfile for a Python or Node project; ``wheels`` is a folder of the context."""
    if any((folder / name).is_file() for name in ("requirements.txt", "pyproject.toml")):
        return _python(folder, wheels)
    locked = (folder / "package-lock.json").is_file()
    install = "npm ci --omit=dev" if locked else "npm install --omit=dev"
    return NODE.format(base=_base(folder, "node"), install=install)


def _python(folder: Path, wheels: str) -> str:
    links = "--find-links . " if wheels else ""
    plain = (folder / "requirements.txt").is_file()
    source = "requirements.txt" if plain else "pyproject.toml"
    if not plain and (folder / "uv.lock").is_file():
        source, install = "uv.lock", LOCKED.format(links=links)
    else:
        install = PIP.format(links=links, source=source)
    return PYTHON.format(
        source=source,
        base=_base(folder, "python"),
        uv=metadata.version("uv"),
        files=_asked(folder, source, wheels),
        install=install,
    )


def _asked(folder: Path, source: str, wheels: str) -> str:
    """Return what the packages need: as little as can be, so that edits leave their layer alone."""
    if _REACHES_OUT.search((folder / source).read_text(encoding="utf-8", errors="replace")):
        return "."
    files = ["pyproject.toml", "uv.lock"] if source == "uv.lock" else [source]
    return " ".join([*files, *([f"{wheels}/*"] if wheels else [])])


def _base(folder: Path, kind: str) -> str:
    if given := os.environ.get(OTHER_BASE):
        return given
    file = folder / VERSION_FILES[kind]
    named = file.read_text(encoding="utf-8").strip().lstrip("v") if file.is_file() else ""
    return BASES[kind].format(version=named or DEFAULTS[kind])
