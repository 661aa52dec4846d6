"""What a folder asks for, and that its generated Dockerfile installs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.ops.images import packages, recipe

PROJECT = '[project]\nname = "a"\nversion = "1"\n'


def folder(at: Path, **files: str) -> Path:
    """Write files; ``__`` in a name stands for a dot."""
    for name, text in files.items():
        (at / name.replace("__", ".")).write_text(text)
    return at


@pytest.mark.parametrize(
    ("files", "version", "version_file"),
    [
        ({"requirements__txt": "x"}, "3.12", ""),
        ({"__python-version": "# ours\n3.13.1\n3.11\n", "requirements__txt": ""}, "3.13.1", "file"),
        ({"pyproject__toml": PROJECT + 'requires-python = ">=3.10"'}, "3.12", "project"),
        ({"pyproject__toml": PROJECT + 'requires-python = ">=3.14"'}, "3.14", "project"),
        ({"pyproject__toml": PROJECT + 'requires-python = "<3.11"'}, "3.10", "project"),
        ({"pyproject__toml": PROJECT + 'requires-python = "~=3.9.2"'}, "3.9", "project"),
        ({"pyproject__toml": '[tool.poetry.dependencies]\npython = "^3.9"'}, "3.12", "project"),
        ({"pyproject__toml": '[tool.poetry.dependencies]\npython = "~3.10"'}, "3.10", "project"),
        ({"pyproject__toml": '[tool.poetry.dependencies]\npython = "3.9.*"'}, "3.9", "project"),
        ({"Pipfile": '[requires]\npython_version = "3.11"', "Pipfile__lock": "{}"}, "3.11", "pip"),
    ],
)
def test_the_version_of_python_is_what_the_project_asks_for(tmp_path, files, version, version_file):
    """Its version file first, then requires-python in each tool's words; else Seatrial's default,
    which is also taken where it is among what the project allows. The image has that version.
    """
    found = packages.read(folder(tmp_path, **files))
    by = {"": "", "file": ".python-version", "project": "pyproject.toml", "pip": "Pipfile"}[
        version_file
    ]
    assert (found.version, found.version_file) == (version, by)
    assert f"python:{version}-slim" in recipe.text(tmp_path)


@pytest.mark.parametrize(
    ("engines", "version"),
    [
        ("", "22"),
        (">=18", "22"),
        ("18.x", "18"),
        ("^20.1.0", "20"),
        (">= 18 < 21", "18"),
        ("^16 || ^20 || >=24", "16"),
        ("<=20", "14"),
        ("20", "20"),
    ],
)
def test_the_version_of_node_is_one_that_the_project_allows(tmp_path: Path, engines, version):
    """The default where `engines` allows it, else the first even version that it does."""
    folder(tmp_path, package__json=f'{{"engines": {{"node": "{engines}"}}}}')
    assert packages.read(tmp_path).version == version
    folder(tmp_path, __nvmrc="v19.2\n")
    assert packages.read(tmp_path).version == "19"
    assert "node:19-slim" in recipe.text(tmp_path)


@pytest.mark.parametrize("lock", packages.LOCKS)
def test_a_lock_is_what_the_image_installs(tmp_path: Path, lock: str):
    """The packages come from the lock, by its own tool, with hashes; plain requirements beside it
    come first, since they are what the project says to `pip`.
    """
    folder(tmp_path, pyproject__toml=PROJECT, Pipfile="")
    (tmp_path / lock).touch()
    text = recipe.text(tmp_path)
    assert packages.LOCKS[lock].format(locked="/locked.txt") in text
    assert "-r /locked.txt" in text
    folder(tmp_path, requirements__txt="x")
    assert "/locked.txt" not in recipe.text(tmp_path)


def test_a_project_with_a_build_system_is_installed_itself(tmp_path: Path):
    """Its own package can be imported in the image, unless its tool says that it is none."""
    system = '\n[build-system]\nrequires = ["hatchling"]\n'
    folder(tmp_path, pyproject__toml=PROJECT + system)
    assert "--no-deps --editable /app" in recipe.text(tmp_path)
    folder(tmp_path, pyproject__toml=PROJECT + system + "[tool.poetry]\npackage-mode = false\n")
    assert "--editable" not in recipe.text(tmp_path)
    folder(tmp_path, pyproject__toml=PROJECT)
    assert "--editable" not in recipe.text(tmp_path)


def test_what_names_other_files_gets_the_whole_folder(tmp_path: Path):
    """Requirements that include others, and projects with paths or a workspace, need all of it."""
    folder(tmp_path, requirements__txt="fastapi\n")
    assert "COPY requirements.txt ./" in recipe.text(tmp_path)
    folder(tmp_path, requirements__txt="-r base.txt\n")
    assert "COPY . ./" in recipe.text(tmp_path)
    (tmp_path / "requirements.txt").unlink()
    folder(tmp_path, pyproject__toml=PROJECT, uv__lock="")
    assert "COPY pyproject.toml uv.lock ./" in recipe.text(tmp_path)
    folder(tmp_path, pyproject__toml=PROJECT + '[tool.uv.sources]\nb = { path = "../b" }\n')
    assert "COPY . ./" in recipe.text(tmp_path)


@pytest.mark.parametrize("lock", packages.NODE_LOCKS)
def test_nodes_locks_are_installed_by_their_own_tools(tmp_path: Path, lock: str):
    """npm, yarn and pnpm, each by its lock; without one, npm chooses."""
    folder(tmp_path, package__json="{}")
    assert "npm install --omit=dev" in recipe.text(tmp_path)
    (tmp_path / lock).touch()
    assert packages.NODE_LOCKS[lock] in recipe.text(tmp_path)
