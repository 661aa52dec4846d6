"""Running ``practice``: an empty emulator with an address for the app, until it is ended."""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from seatrial.appfile import load
from seatrial.cli.up_runner import start_in_background
from seatrial.errors import Problem, UserError
from seatrial.rehearsal import models, session
from seatrial.rehearsal.session import Running

NAME = "practice"
START_SECONDS = 40.0  # within which the background process must be ready


@dataclass(frozen=True, kw_only=True)
class PracticeOptions:
    """The app file, and the environment whose account number and region are used."""

    path: Path
    environment: str
    pace: float


def find(path: Path) -> Running | None:
    """Return a project's running practice account, or None."""
    return session.find(path.parent, NAME)


def run_in_foreground(options: PracticeOptions, *, as_json: bool) -> None:
    """Run the account until Ctrl-C, SIGTERM or a closed terminal."""
    file = load.read(options.path)
    app = load.app_for(file, options.environment or load.BASE)
    session.forget_data(file.folder, NAME)
    folder = session.folder_of(file.folder, NAME)
    running, process = session.start(
        session.StartOptions(
            folder=folder,
            environment=NAME,
            account=app.account,
            region=app.region,
            pace=options.pace,
            model_script=models.script_of(app, file.folder),
        )
    )
    try:
        found = variables(running)
        click.echo(json.dumps(found) if as_json else exports(found))
        click.echo("# Ctrl-C ends the account and deletes everything in it", err=True)
        sys.stdout.flush()
        process.wait()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        session.end(process, folder)
        session.forget_data(file.folder, NAME)


def run_in_background(options: PracticeOptions) -> Running:
    """Start the account in the background and wait until it is ready; raises UserError."""
    folder = session.folder_of(options.path.parent, NAME)
    folder.mkdir(parents=True, exist_ok=True)
    arguments = [NAME, "-f", str(options.path), "--pace", str(options.pace)]
    arguments += [options.environment] if options.environment else []
    process = start_in_background(arguments, options.path.parent, folder / "practice.log")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if running := find(options.path):
            return running
        time.sleep(0.1)
    process.kill()
    output = (folder / "practice.log").read_text(errors="replace").strip()
    raise UserError(
        Problem(
            "rehearsal-start",
            f"the practice account did not start:\n{output}",
            "Read its output above.",
        )
    )


def variables(running: Running) -> dict[str, str]:
    """Return the variables that point AWS clients, Terraform and Seatrial at the account."""
    target = running.target
    return target.variables | {
        "SEATRIAL_PACE": f"{target.pace:g}",
        "SEATRIAL_FRONT": target.front,
    }


def exports(found: dict[str, str]) -> str:
    """Return variables as shell commands."""
    return "\n".join(f"export {name}={value}" for name, value in sorted(found.items()))
