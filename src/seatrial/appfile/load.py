"""An app file to an ``App``: overlay, long form, validation, all problems at once."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from seatrial.appfile import builds, explain, text, tree
from seatrial.appfile.tree import Path, Tree
from seatrial.errors import AppFileError, Place, Problem, UsageError
from seatrial.model import rules
from seatrial.model.app import SECTIONS, App
from seatrial.model.finding import Finding, nearest

DEFAULT_NAME = "seatrial.yml"
BASE = "dev"
# Findings that hold whatever else is wrong with a noun.
CERTAIN = ("appfile-use", "appfile-reference", "appfile-credential", "appfile-build-outside")


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
    def environments(self) -> tuple[str, ...]:
        """Return every environment's name, the base file's ``dev`` first."""
        overlays = self.tree.raw.get("environments", {})
        return (BASE, *(name for name in overlays if name != BASE))


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
            "Name one with `-f FILE`, or create one: docs/tutorial.md starts with a minimal file.",
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
    overlays = raw.get("environments", {})
    if not isinstance(overlays, dict) or not all(isinstance(o, dict) for o in overlays.values()):
        raise AppFileError(
            [
                Problem(
                    "appfile-environment",
                    "`environments` is a map of overlays",
                    "Write `environments: {staging: {profile: development}}`.",
                    "environments",
                    parsed.places.get(("environments",)),
                )
            ]
        )
    return AppFile(path, Tree(raw, parsed.places, parsed.notes))


def _shown(path: FilePath) -> str:
    try:
        return str(path.relative_to(FilePath.cwd()))
    except ValueError:
        return str(path)


def app_for(file: AppFile, environment: str) -> App:
    """Return the app as one environment sees it; raises AppFileError with all problems."""
    if environment not in file.environments:
        raise UsageError(
            Problem(
                "usage-environment",
                f"the app file has no environment `{environment}`",
                nearest(environment, file.environments),
            )
        )
    app, problems = _validated(file, environment)
    if problems or app is None:
        raise AppFileError(sorted(problems, key=_order))
    return app


def check(file: AppFile) -> list[Problem]:
    """Return every problem of every environment, each once, in the order of the file."""
    problems = dict.fromkeys(_environment_names(file))
    for environment in file.environments:
        problems |= dict.fromkeys(_validated(file, environment)[1])
    return sorted(problems, key=_order)


def long_form(file: AppFile, environment: str) -> dict[str, Any]:
    """Return the app's long form, defaults filled in, as ``check --show`` prints it."""
    app = app_for(file, environment)
    return app.model_dump(mode="json", by_alias=True, exclude={"environment"})


def line_of(file: AppFile, path: Path) -> int | None:
    """Return the line of a key of the base file."""
    place = file.tree.places.get(path)
    return place.line if place else None


def _order(problem: Problem) -> tuple[Place, str]:
    return (problem.place or Place("", 0, 0), problem.key)


def _environment_names(file: AppFile) -> Iterator[Problem]:
    overlays = file.tree.raw.get("environments", {})
    for name in overlays:
        path = ("environments", name)
        taken = any(name in _section(file, s) for s in SECTIONS)
        if (
            taken
            or not name.replace("-", "").isalnum()
            or not name[0].isalpha()
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
        if "environments" in overlays[name] or "app" in overlays[name]:
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
    base = {key: value for key, value in file.tree.raw.items() if key != "environments"}
    overlay = dict(file.tree.raw.get("environments", {}).get(environment, {}))
    overlay.pop("environments", None)
    if "environment" in base:
        unknown = explain.finding(
            {"type": "extra_forbidden", "loc": ("environment",), "msg": "", "input": None}
        )
        return None, [_problem(file, environment, unknown)]
    if environment != BASE:
        overlay.setdefault("profile", "production")
    merged = merge(App.expand(base), App.expand(overlay))
    app, wrong = _model({**merged, "environment": environment})
    if app is None:
        return None, [_problem(file, environment, found) for found in wrong]
    between = [*rules.findings(app), *builds.findings(app, file.folder)]
    spoiled = {finding.path[:2] for finding in wrong}
    between = [f for f in between if f.path[:2] not in spoiled or f.code in CERTAIN]
    problems = [_problem(file, environment, finding) for finding in (*wrong, *between)]
    return None if wrong else _whole(app, file, problems), problems


def _whole(app: App, file: AppFile, problems: list[Problem]) -> App:
    """Return the app with the texts of its files, which are there if nothing is wrong."""
    return app if problems else builds.with_texts(app, file.folder)


def _model(raw: dict[str, Any]) -> tuple[App | None, list[Finding]]:
    """Return the app and what is wrong with its fields.

    Where fields are wrong, the app is made without them as far as that goes, so that what is
    wrong elsewhere is found in the same run.
    """
    wrong: list[Finding] = []
    for _ in range(3):
        try:
            return App.model_validate(raw), wrong
        except ValidationError as error:
            rows = error.errors(include_url=False)
            known = {finding.path for finding in wrong}  # what we cut ourselves is not missing
            wrong += [f for f in map(explain.finding, rows) if f.path not in known]
            raw = copy.deepcopy(raw)
            for row in rows:
                _cut(raw, row["loc"])
    return None, wrong


def _cut(raw: Any, path: tuple[str | int, ...]) -> None:
    """Remove the value at a path; a missing key spoils the noun that lacks it."""
    parts = [part for part in path if part != "[key]"]
    node = raw
    for index, part in enumerate(parts):
        try:
            if index == len(parts) - 1:
                del node[part]
            else:
                node = node[part]
        except (KeyError, IndexError, TypeError):
            if len(parts) > 2:
                raw.get(parts[0], {}).pop(parts[1], None)
            return


def merge(base: Any, overlay: Any) -> Any:
    """Merge long forms: maps deep, lists and single values replaced."""
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return overlay
    merged = dict(base)
    for key, value in overlay.items():
        merged[key] = merge(base[key], value) if key in base else value
    return merged


def _problem(file: AppFile, environment: str, finding: Finding) -> Problem:
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
