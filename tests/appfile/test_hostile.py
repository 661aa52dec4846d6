"""Hostile app files: what `check` calls good becomes documents; nothing gives a traceback."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import EXAMPLES
from seatrial.appfile import load
from seatrial.cli.commands.check import patches
from seatrial.errors import UserError
from seatrial.model.app import App
from seatrial.resources.catalog import graph
from seatrial.terraform.document import documents, text

QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
# What breaks programs that put text into text: references, templates, numbers at their ends, other
# alphabets, marks that reorder, paths that lead out, other types.
NASTY: st.SearchStrategy[Any] = st.sampled_from(
    ["", " ", "${", "${}", "${api.internal_url}", "${app.url}", "${db.password}", "${x.y}", "$${",
     "%{ if }", "<<EOF", "'\"", "\\", "a\nb", "null", "~", "true", "-1", "0", "1e309", "nan", "٥",
     "9" * 400, "é", "\u202eabc", "\u200b", "../..", "/etc", "./api", "*", "&a", "a" * 300,
     "0 0 30 2 *", "5-1", "rate(0 days)", "redis:7", "x@sha256:" + "0" * 64, "80", "70%", "1 GB",
     "1 s", "us-east-1", "production", [], {}, ["a", ["b"]], {"a": {"b": "c"}}, ["", ""], "api",
     "db", "web", "app", "main", "users"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["build", "image", "command", "port", "public", "health", "cpu", "memory", "count", "uses",
     "env", "a", "migrate", "stop", "path", "host", "codes", "timeout", "min", "max", "target",
     "class", "version", "engine", "storage", "files", "generate", "keys", "service", "schedule",
     "timezone", "routes", "output", "environment", "é", "", "api", "aws_lb.main", "idle_timeout"]
)  # fmt: skip


def paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value of a tree."""
    found = [path] if path else []
    if isinstance(tree, dict):
        items: Any = tree.items()
    elif isinstance(tree, list):
        items = enumerate(tree)
    else:
        items = ()
    for key, value in items:
        found += paths(value, (*path, key))
    return found


def changed(tree: Any, path: tuple[Any, ...], value: Any, key: str | None) -> None:
    """Put a value at a path, or beside it under another key."""
    for part in path[:-1]:
        tree = tree[part]
        if not isinstance(tree, dict | list):
            return
    if key is not None and isinstance(tree, dict):
        tree[key] = value
    elif isinstance(tree, dict) or (isinstance(path[-1], int) and path[-1] < len(tree)):
        tree[path[-1]] = value


def app_files() -> list[Path]:
    """Return the examples' app files."""
    return sorted(EXAMPLES.glob("*/seatrial.yml"))


def judge(path: Path) -> bool:
    """Check a file as the command does; a good one must become documents. Returns whether it is."""
    try:
        found = load.read(path)
        problems = [*load.check(found), *patches(found)]
    except UserError as error:
        problems = list(error.problems)
    assert all(problem.fix and str(problem) for problem in problems)
    if problems:
        return False
    for environment in found.environments:
        for document in documents(graph(load.app_for(found, environment))).values():
            json.loads(text(document))
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(data=st.data())
def test_changed_examples_never_give_a_traceback(tmp_path, data):
    """One to four values of an example changed to hostile ones: problems, or whole documents."""
    path = data.draw(st.sampled_from(app_files()))
    folder = tmp_path / path.parent.name
    if not folder.exists():
        shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns("golden", ".seatrial"))
    tree = yaml.safe_load(path.read_text())
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.sampled_from(paths(tree)))
        nasty = copy.deepcopy(data.draw(NASTY))  # it is changed in its turn, and drawn again
        changed(tree, where, nasty, data.draw(st.none() | KEYS))
    (folder / "seatrial.yml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    judge(folder / "seatrial.yml")


OVERLAYS = st.dictionaries(
    st.sampled_from(["p", "staging", "api", "dev", "", "A", "é"]),
    st.recursive(
        NASTY,
        lambda inner: st.dictionaries(
            KEYS | st.sampled_from(list(App.model_fields)), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=QUIET)
@given(overlays=OVERLAYS)
def test_hostile_overlays_never_give_a_traceback(write, overlays):
    """Overlays of any shape, on a good app."""
    base = {
        "app": "a",
        "region": "us-east-1",
        "services": {"api": {"build": "./api", "port": 8000}},
    }
    path = write(yaml.safe_dump({**base, "environments": overlays}, allow_unicode=True))
    judge(path)


REFERENCES = st.lists(
    st.tuples(
        st.sampled_from(["api", "worker", "db", "cache", "q", "t", "k", "b", "web", "app", "users",
                         "nobody", ""]),
        st.sampled_from(["url", "internal_url", "host", "port", "name", "arn", "password", "value",
                         "user", "env", "pool_id", "secret_arn", "key:x", "", "x y"]),
    ).map(lambda pair: f"${{{pair[0]}.{pair[1]}}}"),
    max_size=3,
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=QUIET)
@given(texts=st.lists(REFERENCES.map("".join), max_size=4),
       uses=st.lists(st.sampled_from(["db", "cache", "q", "t", "k", "b", "worker", "users"]),
                     unique=True))  # fmt: skip
def test_any_reference_is_resolved_or_refused(write, texts, uses):
    """Every noun's every attribute, used or not, of itself or of others."""
    tree = {
        "app": "a", "region": "us-east-1", "databases": {"db": {}}, "caches": {"cache": {}},
        "queues": {"q": {}}, "topics": {"t": {}}, "tables": {"k": "id"}, "buckets": {"b": {}},
        "secrets": {"s": "by-hand"}, "users": "true", "sites": {"web": "./api"},
        "services": {
            "api": {"build": "./api", "port": 8000, "public": "/", "uses": uses,
                    "env": {f"V{n}": text for n, text in enumerate(texts)}},
            "worker": {"build": "./api", "port": 8001,
                       "env": {f"V{n}": text for n, text in enumerate(texts)}},
        },
    }  # fmt: skip
    judge(write(yaml.safe_dump(tree)))
