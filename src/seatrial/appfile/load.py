"""An app file to an ``App``: overlay, long form, validation, all problems at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from seatrial.appfile import builds, explain, overlays, text, tree, validation
from seatrial.appfile.tree import Path, Tree
from seatrial.errors import AppFileError, Place, Problem, UsageError
from seatrial.model import rules
from seatrial.model.app import SECTIONS, App
from seatrial.model.finding import Finding, nearest

DEFAULT_NAME = "seatrial.yml"
BASE = "dev"


@dataclass(frozen=True)
class AppFile:
    """An app file that was read; environments are made from it."""

    path: FilePath
    tree: Tree

    @property
    def folder(self) -> FilePath:
        """Return the project's folder."""
        return self.path.parent

    @property
    def overlays(self) -> dict[str, dict[str, Any]]:
        """Return the overlays that can be read, by environment."""
        given = self.tree.raw.get("environments", {})
        given = given if isinstance(given, dict) else {}
        return {name: one for name, one in given.items() if isinstance(one, dict)}

    @property
    def environments(self) -> tuple[str, ...]:
        """Return every environment's name, the base file's ``dev`` first."""
        return (BASE, *(name for name in self.overlays if name != BASE))


def find(given: str | None, start: FilePath) -> FilePath:
    """Return the app file that was named, or the nearest one at or above ``start``."""
    if given:
        return FilePath(given).absolute()
    for folder in (start, *start.parents):
        if (folder / DEFAULT_NAME).is_file():
            return folder / DEFAULT_NAME
    raise UsageError(
        Problem(
            "appfile-not-found",
            f"no {DEFAULT_NAME} here or in a parent folder",
            "Name one with `-f FILE`, or create one: `seatrial init` looks at the project here.",
        )
    )


def read(path: FilePath) -> AppFile:
    """Read an app file; raises AppFileError for problems of its text."""
    shown = _shown(path)
    parsed = tree.parse(text.read(path, shown))
    if not isinstance(parsed.raw, dict):
        raise AppFileError(
            [
                Problem(
                    "appfile-type",
                    "an app file is a map of keys",
                    "Start with `app: my-app`.",
                    place=Place(shown, 1, 1),
                )
            ]
        )
    raw = {key: value for key, value in parsed.raw.items() if not key.startswith("x-")}
    wrong = _not_maps(raw.get("environments", {}))
    problems = tuple(_no_overlay(path, parsed) for path in wrong)
    return AppFile(path, replace(parsed, raw=raw, problems=(*parsed.problems, *problems)))


def _not_maps(given: Any) -> list[Path]:
    """Return the paths of overlays that cannot be read, or of all of them."""
    if not isinstance(given, dict):
        return [("environments",)]
    return [("environments", name) for name, one in given.items() if not isinstance(one, dict)]


def _no_overlay(path: Path, parsed: Tree) -> Problem:
    return Problem(
        "appfile-environment",
        f"`{path[-1]}` must be a map of keys",
        "Write `environments: {staging: {profile: development}}`.",
        ".".join(map(str, path)),
        parsed.places.get(path),
    )


def _shown(path: FilePath) -> str:
    try:
        return str(path.relative_to(FilePath.cwd()))
    except ValueError:
        return str(path)


def app_for(file: AppFile, environment: str) -> App:
    """Return the app as one environment sees it; raises AppFileError with all problems."""
    require_environment(file, environment)
    app, problems = _validated(file, environment)
    if problems or app is None:
        raise AppFileError(sorted(problems, key=Problem.order))
    return app


def require_environment(file: AppFile, environment: str) -> None:
    """Raise UsageError where the app file has no such environment."""
    if environment not in file.environments:
        raise UsageError(
            Problem(
                "usage-environment",
                f"the app file has no environment `{environment}`",
                nearest(environment, file.environments),
            )
        )


def check(file: AppFile) -> list[Problem]:
    """Return every problem of every environment, each once, in the order of the file."""
    problems = dict.fromkeys(_environment_names(file))
    for environment in file.environments:
        problems |= dict.fromkeys(_validated(file, environment)[1])
    return sorted(problems, key=Problem.order)


def long_form(file: AppFile, environment: str) -> dict[str, Any]:
    """Return the app's long form, defaults filled in, as ``check --show`` prints it."""
    app = app_for(file, environment)
    return app.model_dump(mode="json", by_alias=True, exclude={"environment"})


def line_of(file: AppFile, path: Path) -> int | None:
    """Return the line of a key of the base file."""
    place = file.tree.places.get(path)
    return place.line if place else None


def _environment_names(file: AppFile) -> Iterator[Problem]:
    for name, overlay in file.overlays.items():
        path = ("environments", name)
        taken = any(name in _section(file, s) for s in SECTIONS)
        if (
            taken
            or not name.replace("-", "").isalnum()
            or not name[:1].isalpha()
            or (name != name.lower() or len(name) > 16 or name == "app")
        ):
            why = "is also a noun's name" if taken else "cannot be an environment's name"
            yield Problem(
                "appfile-environment",
                f"`{name}` {why}",
                "Use at most 16 lower-case letters, digits and `-`, and not the name of a noun.",
                ".".join(path),
                file.tree.places.get(path),
            )
        if "environments" in overlay or "app" in overlay:
            yield Problem(
                "appfile-environment",
                "an overlay cannot contain `app` or `environments`",
                "Remove `app` and `environments` from it.",
                ".".join(path),
                file.tree.places.get(path),
            )


def _section(file: AppFile, section: str) -> Any:
    value = file.tree.raw.get(section, {})
    return value if isinstance(value, dict) else {}


def _validated(file: AppFile, environment: str) -> tuple[App | None, list[Problem]]:
    """Return the app, or None where anything is wrong, and every problem."""
    app, problems = judged(file, environment)
    if problems or app is None:
        return None, problems
    return builds.with_texts(app, file.folder), problems


def judged(file: AppFile, environment: str) -> tuple[App | None, list[Problem]]:
    """Return the app without what is wrong in it, and every problem of the file's own."""
    base = {key: value for key, value in file.tree.raw.items() if key != "environments"}
    overlay = dict(file.overlays.get(environment, {}))
    strange = [_unknown(key) for key in ("environment",) if base.pop(key, None) is not None]
    for key in ("environment", "environments", "app"):
        overlay.pop(key, None)
    if environment != BASE:
        overlay.setdefault("profile", "production")
    merged = merge(App.expand(base), App.expand(overlay))
    result = validation.validated(
        {**merged, "environment": environment}, _unreadable(file, environment)
    )
    between = []
    if result.app:
        between = result.sound(
            [*rules.findings(result.app), *builds.findings(result.app, file.folder)]
        )
    found = [*strange, *result.findings, *between]
    found = overlays.without_base(found, base, overlay, environment)
    problems = [pinned(file, environment, finding) for finding in found]
    return result.app, [*file.tree.problems, *problems]


def _unknown(key: str) -> Finding:
    return explain.finding({"type": "extra_forbidden", "loc": (key,), "msg": "", "input": None})


def _unreadable(file: AppFile, environment: str) -> Iterator[Path]:
    """Yield the paths whose values could not be read, as the environment's app has them."""
    for path in file.tree.unreadable:
        if path[:1] != ("environments",):
            yield path
        elif path[1:2] == (environment,):
            yield path[2:]


def merge(base: Any, overlay: Any) -> Any:
    """Merge long forms: maps deep, lists and single values replaced."""
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return overlay
    merged = dict(base)
    for key, value in overlay.items():
        merged[key] = merge(base[key], value) if key in base else value
    return merged


def pinned(file: AppFile, environment: str, finding: Finding) -> Problem:
    """Pin a finding to the line that caused it: the overlay's where it speaks, else the base's."""
    places = file.tree.places
    for length in range(len(finding.path), -1, -1):
        prefix = finding.path[:length]
        over = ("environments", environment, *prefix)
        if length and over in places:
            key, place = (
                ".".join(map(str, ("environments", environment, *finding.path))),
                places[over],
            )
            break
        if prefix in places:
            key, place = ".".join(map(str, finding.path)), places[prefix]
            break
    else:
        key, place = ".".join(map(str, finding.path)), Place(_shown(file.path), 1, 1)
    return Problem(finding.code, finding.message, finding.fix, key, place)
