"""Environments of rehearsed builds: what the image would install, on the version it would have."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from seatrial.errors import UserError
from seatrial.ops.images import packages
from seatrial.rehearsal import dockerfile, environments, interpreters
from seatrial.rehearsal.environments import Environment

pytestmark = pytest.mark.timeout(240)
HASHES = """files = [
    {file = "iniconfig-2.0.0-py3-none-any.whl", hash = "sha256:\
b6a85871a79d2e3b22d2d1b94ac2824226a63c6b741c88f7ae975f18b6778374"},
    {file = "iniconfig-2.0.0.tar.gz", hash = "sha256:\
2d91e135bf72d31a410b17c16da610a82cb55f6b0477d1a902134b24a455b8b3"},
]
"""
POETRY = """\
[tool.poetry]
name = "mine"
version = "0.1.0"
description = ""
authors = ["a <a@example.com>"]
[tool.poetry.dependencies]
python = "^3.11"
iniconfig = "^2.0"
[tool.poetry.group.dev.dependencies]
six = "*"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""
PROJECT = """\
[project]
name = "mine"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["iniconfig>=2.0"]
"""
PACKAGE = '[[package]]\nname = "iniconfig"\nversion = "2.0.0"\n'
LOCKED = {
    "uv.lock": {
        "pyproject.toml": PROJECT,
        "uv.lock": f"""version = 1
requires-python = ">=3.11"
{PACKAGE}source = {{ registry = "https://pypi.org/simple" }}
sdist = {{ url = "https://files.pythonhosted.org/packages/d7/4b/\
cbd8e699e64a6f16ca3a8220661b5f83792b3017d0f79807cb8708d33913/iniconfig-2.0.0.tar.gz", \
hash = "sha256:2d91e135bf72d31a410b17c16da610a82cb55f6b0477d1a902134b24a455b8b3" }}
wheels = [
    {{ url = "https://files.pythonhosted.org/packages/ef/a6/\
62565a6e1cf69e10f5727360368e451d4b7f58beeac6173dc9db836a5b46/\
iniconfig-2.0.0-py3-none-any.whl", \
hash = "sha256:b6a85871a79d2e3b22d2d1b94ac2824226a63c6b741c88f7ae975f18b6778374" }},
]
[[package]]
name = "mine"
version = "0.1.0"
source = {{ virtual = "." }}
dependencies = [{{ name = "iniconfig" }}]
""",
    },
    "poetry.lock": {
        "pyproject.toml": POETRY,
        "poetry.lock": f"""{PACKAGE}description = ""
optional = false
python-versions = ">=3.7"
{HASHES}
[metadata]
lock-version = "2.0"
python-versions = "^3.11"
content-hash = "d5d780c7a670445d0e4d08d623f16ca2791aa400f9a903520e8e0be06e9dab3a"
""",
    },
    "pdm.lock": {
        "pyproject.toml": PROJECT,
        "pdm.lock": f"""[metadata]
groups = ["default"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:0"
[[metadata.targets]]
requires_python = ">=3.11"
{PACKAGE}requires_python = ">=3.7"
summary = ""
groups = ["default"]
{HASHES}""",
    },
    "Pipfile.lock": {
        "Pipfile": '[packages]\niniconfig = "*"\n',
        "Pipfile.lock": json.dumps(
            {
                "_meta": {
                    "hash": {"sha256": "0"},
                    "pipfile-spec": 6,
                    "requires": {},
                    "sources": [],
                },
                "default": {
                    "iniconfig": {
                        "hashes": [
                            "sha256:2d91e135bf72d31a410b17c16da610a82cb55f6b0477d1a902134b24a455b8b3",
                            "sha256:b6a85871a79d2e3b22d2d1b94ac2824226a63c6b741c88f7ae975f18b6778374",
                        ],
                        "version": "==2.0.0",
                    }
                },
                "develop": {},
            }
        ),
    },
}


def made(folder: Path) -> Environment:
    """Make the environment of a folder that runs in place."""
    program = dockerfile.read(folder / "Dockerfile")
    return environments.make(
        folder, folder, program, folder.parent / "environments", lambda _: None
    )


def run(environment: Environment, code: str, folder: Path) -> str:
    """Run Python code as a task would; the folder itself is not on its path."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec python -P -c "$0"', code],
        capture_output=True, text=True, check=True, env={"PATH": environment.path}, cwd=folder,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder to build."""
    (tmp_path / "api").mkdir()
    return tmp_path / "api"


@pytest.mark.parametrize(
    "lock",
    [pytest.param(lock, marks=[pytest.mark.slow] if lock != "uv.lock" else []) for lock in LOCKED],
)
def test_a_rehearsal_installs_what_the_lock_says(folder: Path, lock: str):
    """The version of the lock, not the newest; nothing of development; and the folder is left as
    it was.
    """
    for name, text in LOCKED[lock].items():
        (folder / name).write_text(text)
    (folder / "mine.py").write_text("there = True\n")
    before = sorted(folder.iterdir())
    environment = made(folder)
    code = "from importlib.metadata import version; print(version('iniconfig'))"
    assert run(environment, code, folder) == "2.0.0"
    find = "import importlib.util; print(importlib.util.find_spec('six'))"
    assert run(environment, find, folder) == "None"
    assert sorted(folder.iterdir()) == before


def test_a_wrong_hash_is_refused(folder: Path):
    """Requirements with hashes are checked: another content than the one asked for is an error."""
    (folder / "requirements.txt").write_text(f"iniconfig==2.0.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(UserError, match="Hash mismatch"):
        made(folder)


def test_a_project_is_installed_itself_and_follows_edits(folder: Path):
    """Its package is imported from where it runs, so that an edit is seen; nothing is left in the
    folder that would look like one.
    """
    system = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    (folder / "pyproject.toml").write_text(PROJECT + system)
    (folder / "src" / "mine").mkdir(parents=True)
    (folder / "src" / "mine" / "__init__.py").write_text("value = 1\n")
    environment = made(folder)
    assert run(environment, "import mine; print(mine.value)", folder) == "1"
    (folder / "src" / "mine" / "__init__.py").write_text("value = 2\n")
    assert run(environment, "import mine; print(mine.value)", folder) == "2"


def test_the_dockerfile_says_which_python_and_which_requirements(folder: Path, tmp_path: Path):
    """The base of its last stage, and the file that a RUN installs, wherever it was copied to."""
    (folder / "requirements").mkdir()
    (folder / "requirements" / "production.txt").write_text("iniconfig==2.0.0\n")
    (folder / "requirements.txt").write_text("six\n")
    (folder / "Dockerfile").write_text(
        "FROM python:3.11-slim AS base\nFROM base\nWORKDIR /app\n"
        "COPY requirements/ /tmp/req/\nRUN pip install --no-cache-dir -r /tmp/req/production.txt\n"
    )
    environment = made(folder)
    assert run(environment, "import sys; print(sys.version_info[1])", folder) == "11"
    assert run(environment, "import iniconfig; print(1)", folder) == "1"


def test_a_python_that_is_not_here_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A version that a file asks for and nobody has is an error with its name and the machine's;
    one that nobody asked for is replaced by the nearest, and that is said.
    """
    own = Path(interpreters._python("3.11") or "")
    monkeypatch.setattr(interpreters, "_python", lambda m: own if m == "3.11" else None)
    monkeypatch.setattr(interpreters, "_installed_by_uv", lambda _: None)
    (folder / "requirements.txt").touch()
    assert "Python 3.12 of the image; this machine has 3.11" in made(folder).notes[0]
    (folder / ".python-version").write_text("3.13")
    with pytest.raises(UserError) as error:
        made(folder)
    problem = error.value.problems[0]
    assert "needs Python 3.13 (.python-version); this machine has 3.11" in problem.message
    assert "uv python install 3.13" in str(problem.fix)


def test_a_package_that_needs_another_python_is_named_as_the_cause(folder: Path):
    """The fix says which Python, not to fix the requirements."""
    (folder / "requirements.txt").write_text("django==6.0.5\n")
    (folder / ".python-version").write_text("3.11")
    with pytest.raises(UserError) as error:
        made(folder)
    fix = str(error.value.problems[0].fix)
    assert "needs Python >=3.12, and `.python-version` asks for 3.11" in fix


@pytest.mark.skipif(not shutil.which("npm"), reason="needs npm")
def test_node_gets_its_packages_and_says_where_its_own_differ(folder: Path):
    """Without `node_modules` the folder gets those of the lock; a folder's own are kept, and what
    the image would have instead is said.
    """
    row = '{"version": "3.0.1"}'
    (folder / "package.json").write_text('{"dependencies": {"is-odd": "3.0.1"}}')
    first = made(folder)
    assert (folder / "node_modules" / "is-odd").is_dir()
    assert not any("node_modules" in note for note in first.notes)
    (folder / "node_modules").unlink()
    (folder / "node_modules").mkdir()
    listed = f'{{"packages": {{"node_modules/is-number": {row}}}}}'
    (folder / "node_modules" / ".package-lock.json").write_text(listed)
    assert any("has is-number" in n or "has is-odd -" in n for n in made(folder).notes)
    assert (folder / "node_modules").is_dir()


def test_every_file_that_changes_an_environment_is_watched():
    """An edit of a lock or a version file makes the environment anew while `up` follows."""
    from seatrial.rehearsal.edits import REBUILDS

    assert {*packages.LOCKS, *packages.NODE_LOCKS, ".python-version"} <= set(REBUILDS)
