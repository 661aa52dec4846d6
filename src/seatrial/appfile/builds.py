"""``build:`` folders: inside the project, also after symbolic links, and something to build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seatrial.model.app import App
from seatrial.model.rules.finding import Finding

BUILDABLE = ("Dockerfile", "pyproject.toml", "requirements.txt", "package.json")


def findings(app: App, folder: Path) -> Iterator[Finding]:
    """Yield builds that leave the project, do not exist, or hold nothing that can be built."""
    root = folder.resolve()
    for name, service in app.services.items():
        if service.build is None:
            continue
        path = ("services", name, "build")
        target = (root / service.build).resolve()
        if target != root and root not in target.parents:
            yield Finding(
                "appfile-build-outside",
                path,
                f"`{service.build}` leads out of the project's folder",
                "Builds stay inside the folder of the app file, also by symbolic link.",
            )
        elif not target.is_dir():
            yield Finding(
                "appfile-build",
                path,
                f"there is no folder `{service.build}`",
                "Name a folder relative to the app file.",
            )
        elif not any((target / name).is_file() for name in BUILDABLE):
            yield Finding(
                "appfile-build",
                path,
                f"nothing in `{service.build}` says how to build it",
                f"Put one of {', '.join(BUILDABLE)} there.",
            )
