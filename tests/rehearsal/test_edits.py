"""Which edits restart tasks while a rehearsal runs, and when."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.rehearsal.edits import Edits, listed


class Restarts:
    """Remembers restarts; ``deploying`` is what the rehearsal says."""

    def __init__(self) -> None:
        self.names: list[list[str]] = []
        self.deploying = False

    def __call__(self, folder: Path, names: list[str]) -> None:
        self.names.append(names)


@pytest.fixture
def restarts() -> Restarts:
    """Return what was restarted."""
    return Restarts()


@pytest.fixture
def edits(tmp_path: Path, restarts: Restarts) -> Edits:
    """Return the edits of a folder with a program and its requirements."""
    (tmp_path / "main.py").write_text("1")
    (tmp_path / "requirements.txt").write_text("a")
    return Edits((tmp_path,), restarts, lambda: restarts.deploying)


def test_an_edit_restarts_tasks_once_the_folder_is_quiet(edits, restarts, tmp_path):
    """A save of several files is one restart, which names them."""
    (tmp_path / "main.py").write_text("22")
    edits.look()
    (tmp_path / "other.py").write_text("3")
    edits.look()
    assert restarts.names == []
    edits.look()
    edits.look()
    assert restarts.names == [["main.py", "other.py"]]


def test_an_edit_with_new_requirements_restarts_nothing(edits, restarts, tmp_path):
    """A package and its import saved together: new tasks come from the deploy that installs it, and
    no old task starts new code without its packages."""
    (tmp_path / "main.py").write_text("import new")
    edits.look()
    (tmp_path / "requirements.txt").write_text("a\nnew")
    for _ in range(3):
        edits.look()
    assert restarts.names == []


def test_an_edit_during_a_deploy_waits_for_its_end(edits, restarts, tmp_path):
    """The deploy's own tasks are judged by themselves; then they get the edit."""
    restarts.deploying = True
    (tmp_path / "main.py").write_text("22")
    for _ in range(3):
        edits.look()
    assert restarts.names == []
    restarts.deploying = False
    edits.look()
    assert restarts.names == [["main.py"]]


def test_what_git_ignores_restarts_nothing(edits, restarts, tmp_path):
    """Logs and reports of the developer's tools are written, not edited; a tracked file that the
    rules would ignore counts, and so does everything outside a repository.
    """
    (tmp_path / "app.log").write_text("1")
    edits.look(), edits.look()
    assert restarts.names == [["app.log"]]
    (tmp_path / ".gitignore").write_text("*.log\nreports/\nkept.txt\n")
    (tmp_path / "kept.txt").write_text("1")
    for words in (("init", "-q"), ("add", "-f", "kept.txt", "main.py")):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    edits.look(), edits.look()
    restarts.names.clear()
    (tmp_path / "reports").mkdir()
    for name in ("app.log", "reports/a b.xml", "reports/ä.xml"):
        (tmp_path / name).write_text("more")
    edits.look(), edits.look()
    assert restarts.names == []
    (tmp_path / "app.log").write_text("and more")
    (tmp_path / "kept.txt").write_text("changed")
    edits.look(), edits.look()
    assert restarts.names == [["kept.txt"]]


def test_many_names_are_listed_by_the_first_few():
    """A checkout of another branch does not fill the screen."""
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcde")) == "a, b, c and 2 more"


def test_what_tasks_write_themselves_is_no_edit(tmp_path, restarts):
    """Where a program may write below its source, the same file that changes after each restart is
    said once, and restarts nothing any more; another file does.
    """
    said: list[list[str]] = []
    edits = Edits((tmp_path,), restarts, lambda: False, lambda _, names: said.append(names))
    for number in range(8):
        (tmp_path / "app.log").write_text("x" * number)
        edits.look()
        edits.look()
    assert said == [["app.log"]]
    assert restarts.names == [["app.log"]] * 3
    (tmp_path / "main.py").write_text("1")
    edits.look()
    edits.look()
    assert restarts.names[-1] == ["main.py"]
