"""What tests share: app files in a folder, a patched emulator, one rehearsal of hello; and how they
are shared out to workers, and skipped where packages are missing.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import coverage_page
import pytest
from _pytest.terminal import TerminalReporter
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from helpers import EXAMPLES, EmulatorProcess, Rehearsal, seatrial, started_emulator
from packages import need
from seatrial.appfile import load
from seatrial.model.app import App
from workers import ByWhatTheyShare

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an app file beside a folder that can be built, and return its path."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "Dockerfile").write_text('FROM python:3.12\nCMD ["python"]\n')

    def write_(text: str) -> Path:
        path = tmp_path / "seatrial.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_


@pytest.fixture
def app(write: Write) -> Callable[[str], App]:
    """Return an app from its text, for the base environment."""

    def app_(text: str, environment: str = "dev") -> App:
        return load.app_for(load.read(write(text)), environment)

    return app_


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """Return one patched emulator, in a process of its own."""
    with started_emulator(tmp_path_factory.mktemp("emulator")) as made:
        yield made


@pytest.fixture(scope="session")
def rehearsed_hello(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Return one running rehearsal of a copy of examples/hello."""
    folder = tmp_path_factory.mktemp("hello") / "app"
    shutil.copytree(
        EXAMPLES / "hello", folder, ignore=shutil.ignore_patterns("golden", ".seatrial")
    )
    done = seatrial("up", "--detach", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    yield Rehearsal(folder, json.loads(done.stdout))
    subprocess.run([sys.executable, "-m", "seatrial.cli.main", "down"], cwd=folder, check=True)


@pytest.fixture
def hello(rehearsed_hello: Rehearsal) -> Rehearsal:
    """Return the rehearsal that tests share, once it has deployed what the test before edited."""
    rehearsed_hello.until_idle()
    return rehearsed_hello


def pytest_configure(config: pytest.Config) -> None:
    """Register a marker for each demand of the guides (`pytest -m G21 tests examples`), and let
    programs that tests start take Ctrl-C: a shell's background job ignores it, and so would they.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for row in coverage_page.rows():
        config.addinivalue_line("markers", f"G{row.g}: {row.what}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, so that short tests fill up the workers at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share tests out to the workers of `-n`."""
    return ByWhatTheyShare(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for a test's packages before its fixtures start anything."""
    need(tuple(name for mark in item.iter_markers("packages") for name in mark.args))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say once why tests were skipped, and which command brings the packages they need."""
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", ()):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        counts[reason] = counts.get(reason, 0) + 1
    for reason, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count} skipped: {re.sub('^Skipped: ', '', reason)}")
