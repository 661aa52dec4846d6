"""Folders and files that an app file names: inside the project, also after symbolic links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from seatrial.appfile import foreign
from seatrial.model.app import App
from seatrial.model.build import Build
from seatrial.model.finding import Finding, nearest
from seatrial.model.finding import Path as Key
from seatrial.model.service import Service
from seatrial.model.site import Site

# Where projects keep the requirements of production, as public ones name them.
SPLIT = tuple(f"requirements/{name}.txt" for name in ("production", "prod", "base", "requirements"))
PYTHON = ("pyproject.toml", "requirements.txt", "Pipfile.lock", "setup.py", *SPLIT)
NAMING = (*PYTHON, "package.json")  # each names packages
BUILDABLE = ("Dockerfile", *NAMING)
_STAGE = re.compile(r"^\s*FROM\s.*\sAS\s+(\S+)", re.MULTILINE | re.IGNORECASE)
LARGEST_FILE = 256 * 1024  # bytes of a Terraform file, which every release's record keeps


def findings(app: App, folder: Path) -> Iterator[Finding]:
    """Yield what leaves the project, does not exist, or holds nothing that can be built."""
    root = folder.resolve()
    for name, service in app.services.items():
        if service.build is not None:
            yield from _build(root, service, service.build, ("services", name))
        elif service.image and "@" not in service.image and (fix := foreign.image(service.image)):
            why = f"`{service.image}` is what AWS runs as a managed service"
            yield Finding("appfile-build", ("services", name, "image"), why, fix)
    for name, site in app.sites.items():
        yield from _site(root, name, site)
    for name, bucket in app.buckets.items():
        if bucket.files is not None:
            yield from _folder(root, bucket.files, ("buckets", name, "files"))
    for file in app.terraform.files:
        yield from _file(root, file)


def folders(app: App, folder: Path) -> list[Path]:
    """Return the project's folder, and each that a service or a site is built from, once."""
    built = [service.build.context for service in app.services.values() if service.build]
    built += [site.build for site in app.sites.values()]
    return list(dict.fromkeys(path.resolve() for path in (folder, *(folder / b for b in built))))


def _build(root: Path, service: Service, build: Build, noun: Key) -> Iterator[Finding]:
    path = (*noun, "build")
    wrong = list(_folder(root, build.context, (*path, "context")))
    yield from wrong
    if wrong:
        return
    if build.dockerfile:
        wrong = list(_dockerfile(root, build, (*path, "dockerfile")))
        yield from wrong
    elif not any((root / build.context / b).is_file() for b in BUILDABLE):
        yield Finding(
            "appfile-build",
            path,
            f"cannot tell how to build `{build.context}`",
            f"Add one of {', '.join(BUILDABLE)}.",
        )
        return
    file = root / build.context / (build.dockerfile or "Dockerfile")
    own = file if file.is_file() else None
    yield from _dockerfile_keys(build, own, path) if not wrong else ()
    if own is None and not wrong and service.command is None and service.entrypoint is None:
        yield from _no_command(root / build.context, noun)


def _dockerfile(root: Path, build: Build, path: Key) -> Iterator[Finding]:
    """The Dockerfile lies in the project, not necessarily in the context."""
    inside = str(Path(build.context) / build.dockerfile)
    outside = list(_outside(root, inside, path))
    yield from outside
    if not outside and not (root / inside).is_file():
        yield Finding(
            "appfile-build",
            path,
            f"there is no Dockerfile `{inside}`",
            "Name it relative to `context`.",
        )


def _dockerfile_keys(build: Build, own: Path | None, path: Key) -> Iterator[Finding]:
    """Keys that only a Dockerfile of the project takes, or only a generated one."""
    keys = ("target", "args", "secrets") if own is None else ("packages",)
    for key in keys:
        if getattr(build, key):
            why = (
                "is for a Dockerfile, and the folder has none"
                if own is None
                else ("is for generated Dockerfiles, and the folder has its own")
            )
            fix = "Write a Dockerfile" if own is None else "Install them in the Dockerfile"
            yield Finding(
                "appfile-build", (*path, key), f"`{key}` {why}", f"{fix}, or leave it out."
            )
    text = own.read_text(encoding="utf-8", errors="replace") if own and build.target else ""
    stages = [found.lower() for found in _STAGE.findall(text)]
    if text and build.target.lower() not in stages and not build.target.isdigit():
        yield Finding(
            "appfile-build",
            (*path, "target"),
            f"the Dockerfile has no stage `{build.target}`",
            nearest(build.target, stages, "Leave it out: the last stage is built."),
        )


def _no_command(folder: Path, path: Key) -> Iterator[Finding]:
    """A generated image of a Python project has no command; one of a Node project its `start`."""
    if any((folder / name).is_file() for name in PYTHON):
        why = "a Python project without a Dockerfile does not say what to run"
    elif "start" not in _scripts(folder):
        why = "`package.json` has no `start` script, so that nothing says what to run"
    else:
        return
    yield Finding(
        "appfile-command",
        path,
        f"the service has no `command`: {why}",
        f"Add `command: {_procfile(folder) or 'uvicorn main:app --host 0.0.0.0 --port 8000'}`.",
        ((*path, "command"), (*path, "build")),
    )


def _scripts(folder: Path) -> dict[str, object]:
    try:
        scripts = json.loads((folder / "package.json").read_text(encoding="utf-8"))["scripts"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return {}
    return scripts if isinstance(scripts, dict) else {}


def _procfile(folder: Path) -> str:
    """Return the command of a Procfile's `web:` line; empty where there is none."""
    file = folder / "Procfile"
    if not file.is_file():
        return ""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line[4:].strip() for line in lines if line.startswith("web:")), "")


def _site(root: Path, name: str, site: Site) -> Iterator[Finding]:
    """A site's finished files lie below its source."""
    wrong = list(_folder(root, site.build, ("sites", name, "build")))
    yield from wrong or _outside(
        (root / site.build).resolve(), site.output, ("sites", name, "output"), "site"
    )


def _outside(root: Path, given: str, path: Key, what: str = "project") -> Iterator[Finding]:
    try:
        target = (root / given).resolve()
        target.exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long, NUL, links in a circle
        why = getattr(error, "strerror", "") or str(error)
        yield Finding(
            "appfile-build",
            path,
            f"`{given[:60]}` is no path: {why.lower()}",
            "Name a folder relative to the app file.",
        )
        return
    if target != root and root not in target.parents:
        yield Finding(
            "appfile-build-outside",
            path,
            f"`{given}` leads outside the {what}'s folder",
            "Use a folder inside the app file's folder; symbolic links must not lead out of it.",
        )


def _folder(root: Path, given: str, path: Key) -> Iterator[Finding]:
    outside = list(_outside(root, given, path))
    yield from outside
    if not outside and not (root / given).is_dir():
        yield Finding(
            "appfile-build",
            path,
            f"the folder `{given}` does not exist",
            "Name a folder relative to the app file.",
        )


def _file(root: Path, given: str) -> Iterator[Finding]:
    path: Key = ("terraform", "files")
    outside = list(_outside(root, given, path))
    yield from outside
    if outside:
        return
    target = root / given
    why = ""
    if not given.endswith((".tf", ".tf.json")):
        why = f"`{given}` is no Terraform file"
    elif target.name == "main.tf.json":
        why = "`main.tf.json` is the generated file's name"
    elif not target.is_file():
        why = f"there is no file `{given}`"
    elif target.stat().st_size > LARGEST_FILE:
        why = f"`{given}` is larger than {LARGEST_FILE // 1024} KB"
    if why:
        fix = "Name files that end in `.tf` or `.tf.json`, relative to the app file."
        yield Finding("appfile-terraform", path, why, fix)


def with_texts(app: App, folder: Path) -> App:
    """Return the app with the texts of its own Terraform files, which no finding speaks of."""
    if not app.terraform.files:
        return app
    texts = {
        Path(file).name: (folder / file).read_text(encoding="utf-8", errors="replace")
        for file in app.terraform.files
    }
    overrides = app.terraform.model_copy(update={"texts": texts})
    return app.model_copy(update={"terraform": overrides})
