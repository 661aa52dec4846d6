"""What a build, a site or a bucket takes in: files of the project and nothing else."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from helpers import seatrial
from seatrial.appfile import load
from seatrial.errors import UserError
from seatrial.ops import sites
from seatrial.ops.images import layers, sources
from seatrial.ops.images.build_input import BuildInput
from seatrial.rehearsal import snapshots

SITE = "app: links\nregion: us-east-1\nsites:\n  web: {build: web%s}\n"


def refusal(folder: Path, within: Path | None = None) -> str:
    """Return how a folder is refused."""
    with pytest.raises(UserError) as raised:
        sources.files(folder, within)
    return str(raised.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of a project, with a secret beside the project."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.txt").write_text("the secret")
    made = tmp_path / "project/web"
    made.mkdir(parents=True)
    (made / "index.html").write_text("page")
    (made / "requirements.txt").write_text("")
    return made


@pytest.mark.parametrize("target", ["secret.txt", "."])
def test_a_link_out_of_the_folder_is_refused(folder: Path, target: str):
    """A link to a file or a folder elsewhere is named, with what to do."""
    (folder / "taken").symlink_to(folder.parents[1] / "outside" / target)
    said = refusal(folder, within=folder.parent)
    assert "`taken`" in said
    assert "symbolic link" in said
    for take in (
        lambda: layers.content(BuildInput(folder=folder)),
        lambda: snapshots.snapshot(
            BuildInput(folder=folder), folder.parent / "s/a", print, live=False
        ),
    ):
        with pytest.raises(UserError) as raised:
            take()
        assert "build-file" in str(raised.value.problems[0].code)


def test_a_link_inside_is_followed(folder: Path):
    """Links within the project work as the file, and as the folder, that they lead to."""
    shared = folder.parent / "shared"
    shared.mkdir()
    (shared / "logo.svg").write_text("logo")
    (folder / "logo.svg").symlink_to("../shared/logo.svg")
    (folder / "all").symlink_to("../shared")
    (folder / "loop").symlink_to("../web")
    (folder / "nothing").symlink_to("gone")
    found = sources.files(folder, within=folder.parent)
    assert set(found) == {"index.html", "requirements.txt", "logo.svg", "all/logo.svg"}
    assert "`logo.svg`" in refusal(folder) or "`all`" in refusal(folder)


def test_what_is_left_out_is_not_looked_at(folder: Path):
    """`.dockerignore` is the way on: what it names may be anything."""
    (folder / "taken").symlink_to(folder.parents[1] / "outside/secret.txt")
    os.mkfifo(folder / "pipe")
    (folder / ".dockerignore").write_text("taken\npipe\n")
    assert set(sources.files(folder)) == {"index.html", "requirements.txt", ".dockerignore"}


def test_what_is_no_file_is_refused_and_never_opened(folder: Path):
    """A pipe, a socket and a device are named; reading them would never end."""
    os.mkfifo(folder / "pipe")
    assert "a named pipe" in refusal(folder)
    assert set(sources.stamps(folder)) == {
        str(folder / "index.html"),
        str(folder / "requirements.txt"),
    }
    (folder / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
        assert "a socket" in refusal(folder)
    (folder / "s").unlink()
    (folder / "zero").symlink_to("/dev/zero")
    assert "outside" in refusal(folder)


def test_a_name_that_is_not_utf8_is_refused(folder: Path):
    """S3 and images have names in UTF-8."""
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt"))).write_text("x")
    said = refusal(folder)
    assert "\\xff.txt" in said
    assert "UTF-8" in said


@pytest.mark.slow
def test_an_edit_of_the_last_of_many_files_changes_the_image(tmp_path: Path):
    """No file is left out of what names an image, however many there are."""
    (tmp_path / "requirements.txt").write_text("")
    for index in range(20_500):
        (tmp_path / f"{index:05}.txt").write_text("")
    before = layers.content(BuildInput(folder=tmp_path))
    for name in ("00000.txt", "20499.txt", "10250.txt"):
        (tmp_path / name).write_text("edited")
        now = layers.content(BuildInput(folder=tmp_path))
        assert now != before, name
        before = now
    assert len(sources.stamps(tmp_path)) == 20_501


def test_more_files_than_anybody_means_are_refused(folder: Path, monkeypatch):
    """A build of a whole disk is stopped with the file that names what to leave out."""
    monkeypatch.setattr(sources, "MOST_FILES", 1)
    assert "more than 1 files" in refusal(folder)


@pytest.mark.parametrize("output", ["..", "../..", "../../outside", "/etc"])
def test_a_site_s_output_stays_below_its_source(folder: Path, output: str):
    """`check` names the key, and a build takes nothing, also where a command made a link."""
    project = folder.parent
    file = project / "seatrial.yml"
    file.write_text(SITE % f", output: {output}")
    done = seatrial("check", folder=project)
    assert done.returncode == 2, done.stdout
    assert "sites.web.output" in done.stdout + done.stderr
    command = f"command: [ln, -s, {folder.parents[1] / 'outside'}, dist], output: dist"
    file.write_text(SITE % f", {command}")
    app = load.app_for(load.read(file), "dev")
    with pytest.raises(UserError) as raised:
        sites.build(app, project, project / ".seatrial/sites")
    assert "outside its folder" in str(raised.value)


def test_a_site_publishes_no_file_from_outside(folder: Path):
    """A link in a site's folder to a file of the machine ends the build."""
    (folder / "notes.txt").symlink_to(folder.parents[1] / "outside/secret.txt")
    (folder.parent / "seatrial.yml").write_text(SITE % "")
    app = load.app_for(load.read(folder.parent / "seatrial.yml"), "dev")
    with pytest.raises(UserError) as raised:
        sites.build(app, folder.parent, folder.parent / ".seatrial/sites")
    assert "`notes.txt`" in str(raised.value)


KEY = "-----BEGIN " + "PRIVATE KEY-----\nMIIB\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (".env", "A=1", True),
        (".env.production", "A=1", True),
        (".env.example", "A=", False),
        ("config/server.pem", KEY, True),
        ("config/ca.pem", "-----BEGIN CERTIFICATE-----\n", False),
        (".npmrc", "//registry.npmjs.org/:_authToken=abcdef", True),
        (".npmrc", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}", False),
        ("service-account.json", '{"type": "service' + '_account"}', True),
        ("package.json", "{}", False),
        ("terraform.tfstate", "{}", True),
    ],
)
def test_credentials_in_a_build_are_named_before_they_enter_an_image(
    folder: Path, name: str, text: str, *, said: bool
):
    """By name or content, with `.dockerignore` as the way on; a site does not publish them."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    into = folder.parent / ".seatrial/dev/images"
    notes = snapshots.snapshot(BuildInput(folder=folder), into, print, live=False).notes
    assert [n for n in notes if f"`{name}`" in n and ".dockerignore" in n] == list(notes)
    assert bool(notes) is said
    (folder.parent / "seatrial.yml").write_text(SITE % "")
    app = load.app_for(load.read(folder.parent / "seatrial.yml"), "dev")
    if not said:
        sites.build(app, folder.parent, folder.parent / ".seatrial/sites")
        return
    with pytest.raises(UserError) as raised:
        sites.build(app, folder.parent, folder.parent / ".seatrial/sites")
    assert f"`{name}`" in str(raised.value)
    (folder / ".dockerignore").write_text(f"{name}\n")
    assert not snapshots.snapshot(BuildInput(folder=folder), into, print, live=False).notes
