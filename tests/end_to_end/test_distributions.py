"""The three distributions from their wheels alone, in environments outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers import EXAMPLES, ROOT, get

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True)
class Environment:
    """A fresh virtual environment."""

    folder: Path

    def run(self, program: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, which sees nothing of the checkout or its environment."""
        hidden = {"PYTHONPATH", "VIRTUAL_ENV"}
        variables = {name: value for name, value in os.environ.items() if name not in hidden}
        # A program of the checkout's environment must not stand in for one that is missing here.
        own = Path(sys.executable).parent
        path = [p for p in os.environ["PATH"].split(":") if Path(p) != own]
        return subprocess.run(
            [str(self.folder / "bin" / program), *words],
            cwd=cwd, capture_output=True, text=True, check=False, timeout=300,
            env=variables | {"PATH": ":".join(path)},
        )  # fmt: skip


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheels as ``make dist`` does, with the backend of this environment."""
    folder = tmp_path_factory.mktemp("dist")
    _uv("build", "--quiet", "--wheel", "--all-packages", "--no-build-isolation",
        "--python", sys.executable, "--out-dir", str(folder))  # fmt: skip
    return folder


def environment(folder: Path, *wheels: Path) -> Environment:
    """Return an environment with wheels and what they require, from the package index."""
    python = str(folder / "bin" / "python")
    base = str(getattr(sys, "_base_executable", sys.executable))
    _uv("venv", "--quiet", "--python", base, str(folder))
    done = _uv("pip", "install", "--quiet", "--python", python, *map(str, wheels), check=False)
    if "Failed to fetch" in done.stderr or "not found in the cache" in done.stderr:
        pytest.skip(f"no package index is reachable: {done.stderr.strip().splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    return Environment(folder)


def _uv(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [UV, *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0 or not check, done.stderr
    return done


def test_each_wheel_carries_its_type_marker_and_the_command_the_runtime(dist: Path):
    """There are three wheels; Seatrial's carries the runtime's wheel as it was built."""
    wheels = {path.name.split("-")[0]: path for path in dist.glob("*.whl")}
    assert set(wheels) == {"seatrial", "seatrial_emulator", "seatrial_runtime"}
    for name, path in wheels.items():
        with zipfile.ZipFile(path) as wheel:
            assert f"{name}/py.typed" in wheel.namelist()
    carried = dist / "carried"
    shutil.unpack_archive(wheels["seatrial"], carried, "zip")
    inside = next((carried / "seatrial" / "wheels").glob("*.whl"))
    assert inside.read_bytes() == wheels["seatrial_runtime"].read_bytes()


def test_example_is_rehearsed_from_wheels_alone(dist: Path, tmp_path: Path):
    """With nothing but the wheels, an example that requires the runtime starts and serves."""
    installed = environment(tmp_path / "environment", *dist.glob("*.whl"))
    app = tmp_path / "app"
    shutil.copytree(EXAMPLES / "hello", app, ignore=shutil.ignore_patterns("golden", ".seatrial"))
    with (app / "requirements.txt").open("a") as file:
        file.write("seatrial-runtime[app]\n")
    with (app / "main.py").open("a") as file:
        file.write("\n\nimport seatrial_runtime.settings  # noqa: E402, F401\n")
    up = installed.run("seatrial", "up", "--detach", "--json", cwd=app)
    try:
        assert up.returncode == 0, up.stderr
        where = installed.run("python", "-c", "import seatrial; print(seatrial.__file__)", cwd=app)
        assert where.stdout.startswith(str(tmp_path))
        assert get(up.stdout.split('"address": "')[1].split('"')[0] + "/")[0] == 200
    finally:
        installed.run("seatrial", "down", cwd=app)


def test_runtime_is_imported_without_emulator_postgres_or_uv(dist: Path, tmp_path: Path):
    """The runtime's wheel alone requires nothing: the import works, and nothing else is there."""
    installed = environment(tmp_path / "environment", *dist.glob("seatrial_runtime-*.whl"))
    done = installed.run("python", "-c", "import seatrial_runtime", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next((tmp_path / "environment" / "lib").glob("python*/site-packages"))
    packages = {path.name.split("-")[0] for path in folder.iterdir() if path.is_dir()}
    assert packages == {"seatrial_runtime"}
    assert not (tmp_path / "environment" / "bin" / "uv").exists()
