"""`seatrial init`: the app file of a project, judged by `check`, and small apps to start from."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from shapes import SHAPES, Shape

from helpers import seatrial
from seatrial.appfile import load
from seatrial.discovery import writing


def at(raw: Any, path: str) -> Any:
    """Return the value at a path, or None."""
    for part in path.split("."):
        raw = raw.get(part) if isinstance(raw, dict) else None
    return raw


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_project_gets_its_services_ports_data_and_secrets(tmp_path: Path, shape: Shape):
    """The file is valid, says what the project says, and lists what it does not carry over."""
    folder = tmp_path / "project"
    shape.write(folder)
    document, sources = writing.document(folder, region="", default="us-east-1")
    path = writing.save(folder, writing.text(document, sources))
    assert load.check(load.read(path)) == []
    text = path.read_text()
    raw = yaml.load(text, yaml.BaseLoader)  # noqa: S506  (only texts)
    assert {key: at(raw, key) for key in shape.wanted} == shape.wanted
    assert [key for key in shape.absent if at(raw, key) is not None] == []
    missing = [word for word in shape.left if not any(word in s for s in document.left)]
    assert missing == [], document.left
    assert "do-not-read-me" not in text


def test_init_writes_once(tmp_path):
    """The command writes, says what it found, and never overwrites."""
    SHAPES["compose with Celery, Redis and its dashboard"].write(tmp_path)
    done = seatrial("init", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "services   web, worker, dashboard" in done.stdout
    assert seatrial("check", folder=tmp_path).returncode == 0
    before = (tmp_path / "seatrial.yml").read_bytes()
    again = seatrial("init", folder=tmp_path)
    assert (again.returncode, "usage-init-exists" in again.stderr) == (2, True)
    assert (tmp_path / "seatrial.yml").read_bytes() == before
    assert seatrial("init", "--print", folder=tmp_path).stdout.encode() == before


def test_init_as_json_lists_what_is_missing(tmp_path):
    """`--json` gives the file, its sources and what was not carried over."""
    SHAPES["compose with MongoDB behind nginx"].write(tmp_path)
    shown = json.loads(seatrial("init", "--json", folder=tmp_path).stdout)
    assert shown["sources"] == ["compose.yaml"]
    assert any("MongoDB" in sentence for sentence in shown["not_carried_over"])
    assert shown["next"] == ["seatrial check", "seatrial up"]


def test_init_of_nothing_points_to_the_templates(tmp_path):
    """An empty folder is an error with a fix, and nothing is written."""
    done = seatrial("init", folder=tmp_path)
    assert (done.returncode, "usage-init-empty" in done.stderr) == (2, True)
    assert "--template fastapi" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("template", ["fastapi", "streamlit", "fullstack"])
def test_a_template_is_valid_and_overwrites_nothing(tmp_path, template):
    """Each template passes `check`; where one of its files exists, none is written."""
    done = seatrial("init", "--template", template, "--region", "eu-west-1", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert seatrial("check", folder=tmp_path).returncode == 0
    assert "region: eu-west-1" in (tmp_path / "seatrial.yml").read_text()
    (tmp_path / "seatrial.yml").unlink()
    again = seatrial("init", "--template", template, folder=tmp_path)
    assert (again.returncode, "usage-init-exists" in again.stderr) == (2, True)
    assert not (tmp_path / "seatrial.yml").exists()


@pytest.mark.slow
def test_up_serves_a_template(tmp_path):
    """From an empty folder to a served stack: `init --template fastapi`, then `up`."""
    folder = tmp_path / "first"
    folder.mkdir()
    assert seatrial("init", "--template", "fastapi", folder=folder).returncode == 0
    try:
        done = seatrial("up", "--detach", "--json", folder=folder)
        assert done.returncode == 0, done.stderr
        address = json.loads(done.stdout)["address"]
        with urllib.request.urlopen(f"{address}/?name=init") as answer:
            assert json.load(answer) == {"message": "Hello, init!"}
    finally:
        seatrial("down", folder=folder)
