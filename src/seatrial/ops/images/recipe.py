"""The Dockerfile of a build that has none: small, locked, not root, ready for a read-only root.

``/tmp`` is declared a volume with its permissions, since Fargate gives a volume that the image
does not declare to root alone (ECS developer guide, "Bind mounts": 0755).
"""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

from seatrial.ops.images import packages as reading
from seatrial.ops.images.packages import Packages

BASES = {  # AWS's own mirror of the official images: no rate limit for who is not logged in
    "python": "public.ecr.aws/docker/library/python:{version}-slim",
    "node": "public.ecr.aws/docker/library/node:{version}-slim",
}
OTHER_BASE = "SEATRIAL_BASE_IMAGE"  # another base image for generated Dockerfiles: a mirror's

PYTHON = """\
# Made by Seatrial from {source}. To change it, keep it as `Dockerfile` in this folder.
FROM {base} AS build
RUN pip install --no-cache-dir uv=={uv}
WORKDIR /build
COPY {files} ./
RUN uv venv --quiet /venv && {install}
{itself}
FROM {base}
{debian}RUN chmod 1777 /tmp
WORKDIR /app
COPY --from=build /venv /venv
{copy}
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
RUN python -m compileall -q /app || true
USER 10001:10001
VOLUME ["/tmp"]
"""
DEBIAN = """\
RUN apt-get update && apt-get install -y --no-install-recommends {packages} \\
  && rm -rf /var/lib/apt/lists/*
"""
PIP = "VIRTUAL_ENV=/venv uv pip install --quiet --compile-bytecode {links}-r {source}"
ITSELF = """\
COPY . /app
RUN VIRTUAL_ENV=/venv uv pip install --quiet --no-deps --editable /app
"""
NODE = """\
# Made by Seatrial from package.json. To change it, keep it as `Dockerfile` in this folder.
FROM {base}
{debian}WORKDIR /app
COPY . .
RUN {install} && chmod 1777 /tmp
ENV NODE_ENV=production HOME=/tmp
USER 10001:10001
VOLUME ["/tmp"]
CMD ["npm", "start"]
"""


def text(folder: Path, *, wheels: str = "", packages: tuple[str, ...] = ()) -> str:
    """Return a Dockerfile for a Python or Node project.

    ``wheels`` is a folder of the context; ``packages`` are Debian's.
    """
    wanted = reading.read(folder)
    base = os.environ.get(OTHER_BASE) or BASES[wanted.language].format(version=wanted.version)
    debian = DEBIAN.format(packages=" ".join(packages)) if packages else ""
    if wanted.language == "node":
        install = reading.NODE_LOCKS.get(wanted.source, "npm install --omit=dev")
        return NODE.format(base=base, install=install, debian=debian)
    return PYTHON.format(
        source=wanted.source,
        base=base,
        debian=debian,
        uv=metadata.version("uv"),
        files=" ".join([*wanted.files, *([f"{wheels}/*"] if wheels else [])]),
        install=_install(wanted, "--find-links . " if wheels else ""),
        itself=ITSELF if wanted.editable else "",
        copy="COPY --from=build /app ." if wanted.editable else "COPY . .",
    )


def _install(wanted: Packages, links: str) -> str:
    export = reading.LOCKS.get(wanted.source)
    if export is None:
        return PIP.format(links=links, source=wanted.source)
    locked = "/locked.txt"
    return f"{export.format(locked=locked)} && {PIP.format(links=links, source=locked)}"
