"""Folders and files that an app file names: inside the project, also after symbolic links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from seatrial.model.app import App
from seatrial.model.finding import Finding
from seatrial.model.finding import Path as Key
from seatrial.model.site import Site

BUILDABLE = ("Dockerfile", "pyproject.toml", "requirements.txt", "Pipfile.lock", "package.json")
LARGEST_FILE = 256 * 1024  # bytes of a Terraform file, which every release's record keeps


def findings(app: App, folder: Path) -> Iterator[Finding]:
    """Yield what leaves the project, does not exist, or holds nothing that can be built."""
    root = folder.resolve()
    for name, service in app.services.items():
        if service.build is None:
            continue
        path: Key = ("services", name, "build")
        wrong = list(_folder(root, service.build, path))
        yield from wrong
        if not wrong and not any((root / service.build / b).is_file() for b in BUILDABLE):
            yield Finding(
                "appfile-build",
                path,
                f"cannot tell how to build `{service.build}`",
                f"Add one of {', '.join(BUILDABLE)}.",
            )
        elif not wrong and service.command is None:
            yield from _no_command(root / service.build, ("services", name))
    for name, site in app.sites.items():
        yield from _site(root, name, site)
    for name, bucket in app.buckets.items():
        if bucket.files is not None:
            yield from _folder(root, bucket.files, ("buckets", name, "files"))
    for file in app.terraform.files:
        yield from _file(root, file)


def _no_command(folder: Path, path: Key) -> Iterator[Finding]:
    """A generated image of a Python project has no command; one of a Node project its `start`."""
    if (folder / "Dockerfile").is_file():
        return
    if any((folder / name).is_file() for name in ("requirements.txt", "pyproject.toml")):
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
