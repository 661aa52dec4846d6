"""How ``practice`` runs: an empty emulator with a front, until it is ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from seatrial.appfile import load
from seatrial.cli.up_runner import spawned
from seatrial.errors import Problem, UserError
from seatrial.rehearsal import session
from seatrial.rehearsal.session import Running

NAME = "practice"
PATIENCE = 40.0  # seconds until the background must have said that it is there


@dataclass(frozen=True)
class Asked:
    """Which account is wanted: that of an environment of an app file."""

    path: Path
    environment: str
    pace: float


def find(path: Path) -> Running | None:
    """Return a project's practice account that runs, or None."""
    return session.find(path.parent, NAME)


def in_foreground(asked: Asked, *, as_json: bool) -> None:
    """Run the account until Ctrl-C, SIGTERM or a closed terminal."""
    file = load.read(asked.path)
    app = load.app_for(file, asked.environment or load.BASE)
    session.forget_data(file.folder, NAME)
    folder = session.folder_of(file.folder, NAME)
    start = session.Start(folder, NAME, app.account, app.region, asked.pace)
    running, process = session.start(start)
    try:
        found = variables(running)
        click.echo(json.dumps(found) if as_json else exports(found))
        click.echo("# it ends with Ctrl-C, and everything in it", err=True)
        sys.stdout.flush()
        process.wait()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        session.tidy(folder)
        session.forget_data(file.folder, NAME)


def in_background(asked: Asked) -> Running:
    """Start the account in the background and wait until it is there; raises UserError."""
    folder = session.folder_of(asked.path.parent, NAME)
    folder.mkdir(parents=True, exist_ok=True)
    words = [NAME, "-f", str(asked.path), "--pace", str(asked.pace)]
    words += [asked.environment] if asked.environment else []
    process = spawned(words, asked.path.parent, folder / "practice.log")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if running := find(asked.path):
            return running
        time.sleep(0.1)
    process.kill()
    said = (folder / "practice.log").read_text(errors="replace").strip()
    raise UserError(
        Problem("rehearsal-start", f"the account did not start:\n{said}", "Read its words above.")
    )


def variables(running: Running) -> dict[str, str]:
    """Return what leads AWS clients, Terraform and our own commands to the account."""
    target = running.target
    return target.variables | {
        "SEATRIAL_PACE": f"{target.pace:g}",
        "SEATRIAL_FRONT": target.front,
    }


def exports(found: dict[str, str]) -> str:
    """Return variables as a shell reads them."""
    return "\n".join(f"export {name}={value}" for name, value in sorted(found.items()))
