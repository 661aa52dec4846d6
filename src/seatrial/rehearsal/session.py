"""A rehearsal's emulator: what Seatrial adds to its process is the target to deploy to."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path

from seatrial.errors import Problem, UserError
from seatrial.rehearsal import fidelity
from seatrial.target import Target
from seatrial_emulator import process
from seatrial_emulator.process import RunningEmulator, Settings

WATCHER = "up.pid"  # the process number of the `up` that watches for edits
HANDLED = "handled.json"  # what it deployed or refused last: each watched file and its time
END = "end.txt"  # why the last rehearsal ended, where nobody ended it


@dataclass(frozen=True, kw_only=True)
class Running(RunningEmulator):
    """A rehearsal that runs: its emulator, and the environment's target there."""

    target: Target

    @property
    def address(self) -> str:
        """Return the app's base URL."""
        return self.front


def folder_of(project: Path, environment: str) -> Path:
    """Return the folder of an environment's rehearsal."""
    return project / ".seatrial" / environment


def find(project: Path, environment: str) -> Running | None:
    """Return the running rehearsal of an environment, or None."""
    return find_in(folder_of(project, environment), environment)


def find_in(folder: Path, environment: str) -> Running | None:
    """Return the rehearsal that runs in a folder, or None; one that is ending is waited for."""
    abandoned = _abandoned(folder)
    found = process.find(folder)
    if abandoned:
        remember_end(folder, "the `seatrial up` that ran it was killed")
        if found:
            process.stop(found)
        tidy(folder)
        return None
    return _running(found, environment) if found else None


def _abandoned(folder: Path) -> bool:
    """Return whether the `up` of a folder's rehearsal has ended without ending it."""
    try:
        return not process.alive(int((folder / WATCHER).read_text()))
    except (OSError, ValueError):
        return False


def remember_end(folder: Path, reason: str) -> None:
    """Write down why a rehearsal ended that nobody ended."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / END).write_text(reason)


def unexpected_end(folder: Path, *, forget: bool = False) -> str:
    """Return why the last rehearsal of a folder ended, where nobody ended it; empty otherwise."""
    try:
        return (folder / END).read_text()
    except OSError:
        return ""
    finally:
        if forget:
            (folder / END).unlink(missing_ok=True)


def _running(emulator: RunningEmulator, environment: str) -> Running:
    """Return an emulator with the target that an environment is deployed to."""
    target = Target(
        environment=environment,
        account=emulator.account,
        region=emulator.region,
        folder=emulator.folder / "terraform",
        endpoint=emulator.endpoint,
        access_key=emulator.access_key,
        secret_key=emulator.secret_key,
        pace=emulator.pace,
        skip_unchanged=True,
        quick_provider=True,
        not_shown=(
            *emulator.not_shown,
            *fidelity.not_shown(containers=emulator.engine != "process"),
        ),
        front=emulator.front,
        health_checks=lambda: list(emulator.call("health")["checks"]),
    )
    with contextlib.suppress(OSError, ValueError):  # it may not listen yet: then it has no sites
        target = replace(target, fronts=emulator.call("describe").get("fronts", {}))
    known = {field.name: getattr(emulator, field.name) for field in fields(RunningEmulator)}
    return Running(**known | {"not_shown": target.not_shown}, target=target)


@dataclass(frozen=True, kw_only=True)
class StartOptions:
    """The options a rehearsal is started with."""

    folder: Path
    environment: str
    account: str | None
    region: str
    pace: float
    faults: tuple[str, ...] = ()
    engine: str = "process"
    model_script: Path | None = None

    @property
    def settings(self) -> Settings:
        """Return the emulator's settings."""
        return Settings(
            folder=str(self.folder),
            account=self.account or process.DEFAULT_ACCOUNT,
            region=self.region,
            pace=self.pace,
            faults=self.faults,
            engine=self.engine,
            model_url=os.environ.get(process.MODEL_URL, ""),
            model_name=os.environ.get(process.MODEL_NAME, ""),
            model_script=str(self.model_script or ""),
        )


def start(options: StartOptions) -> tuple[Running, subprocess.Popen[bytes]]:
    """Start a rehearsal; it ends when the returned process's standard input is closed.

    Raises UserError.
    """
    folder = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / ".gitignore").write_text("*\n")
    tidy(folder)
    try:
        emulator, child = process.start(options.settings)
    except process.NoPortError as error:
        raise UserError(
            Problem("rehearsal-ports", str(error), "End programs that listen on them.")
        ) from error
    except process.NotStartedError as error:
        said = str(error).replace("\n", "\n    ")
        raise UserError(
            Problem(
                "rehearsal-start",
                f"the emulator did not start:\n    {said}",
                f"Read its output above; the whole log is {folder / process.LOG}.",
            )
        ) from error
    return _running(emulator, options.environment), child


def end(child: subprocess.Popen[bytes], folder: Path) -> None:
    """End a rehearsal that this process started."""
    process.end(child, folder)
    tidy(folder)


def tidy(folder: Path) -> None:
    """Remove what a rehearsal left that could not clean up after itself; data stays."""
    process.tidy(folder)
    for name in (WATCHER, HANDLED):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "terraform", ignore_errors=True)


def forget_data(project: Path, environment: str) -> None:
    """Delete rows, objects and generated secret values of an environment."""
    folder = folder_of(project, environment)
    process.forget_data(folder)
    for name in ("images", "snapshots"):
        shutil.rmtree(folder / name, ignore_errors=True)


def stop(running: Running, *, timeout: float = 20) -> None:
    """End a rehearsal and wait until nothing of it runs."""
    watcher = 0
    with contextlib.suppress(OSError, ValueError):
        watcher = int((running.folder / WATCHER).read_text())
        os.kill(watcher, signal.SIGTERM)
    process.stop(running, timeout=timeout)
    deadline = time.monotonic() + timeout
    while watcher and time.monotonic() < deadline and process.alive(watcher):
        time.sleep(0.05)
    tidy(running.folder)
