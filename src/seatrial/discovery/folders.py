"""Which folder a program is built from, and by which Dockerfile."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seatrial.appfile.builds import BUILDABLE, NAMING
from seatrial.discovery import files
from seatrial.discovery.draft import Program
from seatrial.discovery.files import SKIPPED


@dataclass(frozen=True)
class Folder:
    """What to write for `build`; ``dockerfile`` is what is built there, ``note`` what differs.

    ``sources`` is where the program's own files lie.
    """

    build: str = ""
    sources: str = ""
    dockerfile: Path | None = None
    note: str = ""


def choose(root: Path, program: Program) -> Folder:
    """Return the folder to build a program from; without `build` where there is none."""
    context = root / program.context
    wanted = root / program.dockerfile if program.dockerfile else context / "Dockerfile"
    if wanted.is_file():
        below = wanted.parent.relative_to(root).as_posix() if _names_packages(wanted.parent) else ""
        inner = below if below and not _names_packages(context) else program.context
        return Folder(files.relative(program.context), files.relative(inner), wanted)
    if is_buildable(context):
        own = context / "Dockerfile"
        build = files.relative(program.context)
        return Folder(build, build, own if own.is_file() else None)
    around = [*within(context), *_above(root, context)]
    nearest = next((folder for folder in around if is_buildable(folder)), None)
    if nearest is None:
        return Folder(note="nothing here says how to build it")
    where = str(nearest.relative_to(root.resolve()))
    own = nearest / "Dockerfile"
    return Folder(
        files.relative(where),
        files.relative(where),
        own if own.is_file() else None,
        f"`{program.dockerfile or program.context}` cannot be built as it is",
    )


def is_buildable(folder: Path) -> bool:
    """Say whether a folder says how to build it."""
    return any((folder / name).is_file() for name in BUILDABLE)


def _names_packages(folder: Path) -> bool:
    return any((folder / name).is_file() for name in NAMING)


def _above(root: Path, folder: Path) -> list[Path]:
    root, folder = root.resolve(), folder.resolve()
    return [above for above in folder.parents if above == root or root in above.parents]


def within(folder: Path, depth: int = 2) -> list[Path]:
    """Return the folders below one, the nearest first, without those of tools."""
    found: list[Path] = []
    level = [folder.resolve()]
    for _ in range(depth):
        level = [
            inner
            for one in level
            for inner in sorted(one.iterdir() if one.is_dir() else ())
            if inner.is_dir()
            and not inner.is_symlink()
            and inner.name not in SKIPPED
            and not inner.name.startswith(".")
        ]
        found += level
    return found
