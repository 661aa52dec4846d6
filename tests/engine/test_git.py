"""What Git says of a project's past."""

from __future__ import annotations

import subprocess
from pathlib import Path

from seatrial.engine import git


def repository(folder: Path, name: str) -> str:
    """Make a repository with one commit and return it."""
    folder.mkdir()
    (folder / "file").write_text(name)
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", name)):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    return git.commit(folder)


def test_a_commit_of_another_project_is_strange(tmp_path: Path):
    """Own commits, also with changes beside them, are known; without Git there is no telling."""
    own, other = repository(tmp_path / "own", "own"), repository(tmp_path / "other", "other")
    assert not git.strange(tmp_path / "own", own)
    assert not git.strange(tmp_path / "own", f"{own}+changes")
    assert git.strange(tmp_path / "own", other)
    assert not git.strange(tmp_path / "own", "")
    assert not git.strange(tmp_path, other)
    source = f"file://{tmp_path / 'own'}"
    subprocess.run(["git", "clone", "-q", "--depth", "1", source, str(tmp_path / "ci")], check=True)
    assert not git.strange(tmp_path / "ci", other)
