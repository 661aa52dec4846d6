"""How ``up`` talks: in the foreground with the services' output, or from the background."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from seatrial.cli.main import show
from seatrial.cli.output import Drawer
from seatrial.errors import Problem, UsageError, UserError
from seatrial.rehearsal import session
from seatrial.rehearsal.up import PROCESS, Rehearsal, UpReport

READY = "ready.json"
NEXT = (("status",), ("logs", "--follow"), ("plan",), ("down",))


@dataclass(frozen=True)
class Asked:
    """What somebody who types ``up`` wants."""

    path: Path
    env: str
    pace: float
    faults: tuple[str, ...] = ()
    fresh: bool = False
    as_json: bool = False
    engine: str = "auto"

    @property
    def words(self) -> list[str]:
        """Return the command that does the same in the background."""
        words = ["up", "--follower", "-f", str(self.path), "--env", self.env]
        words += ["--pace", str(self.pace), *(["--fresh"] if self.fresh else [])]
        words += ["--engine", self.engine]
        return words + [f"--inject={fault}" for fault in self.faults]


def in_foreground(asked: Asked, *, follower: bool) -> None:
    """Rehearse until Ctrl-C, SIGTERM or a closed terminal."""
    project, env = asked.path.parent, asked.env
    if session.find(project, env):
        raise UsageError(
            Problem(
                "rehearsal-runs",
                f"a rehearsal of {env} already runs here",
                "Use it (`seatrial status`), or end it: `seatrial down`.",
            )
        )
    if asked.fresh:
        session.forget_data(project, env)
    drawer = Drawer(quiet=asked.as_json)
    engine = PROCESS if asked.engine == "auto" else asked.engine
    rehearsal = Rehearsal(asked.path, env, drawer, asked.pace, asked.faults, engine)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _interrupt())
    click.echo(f"rehearsing {project.name} ({env})", err=True)
    try:
        _serve(rehearsal, drawer, as_json=asked.as_json, follower=follower)
    except KeyboardInterrupt:
        click.echo("ending the rehearsal", err=True)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        rehearsal.end()
        (session.folder_of(project, env) / READY).unlink(missing_ok=True)


def _interrupt() -> None:
    raise KeyboardInterrupt


def _serve(rehearsal: Rehearsal, drawer: Drawer, *, as_json: bool, follower: bool) -> None:
    try:
        report = rehearsal.start()
    except UserError as error:
        if follower or rehearsal.running is None:
            raise
        show(error)
        click.echo("waiting for a change (Ctrl-C ends)", err=True)
    else:
        _ready(rehearsal, report, as_json=as_json, follower=follower)
    if not follower and not as_json:
        _follow(rehearsal, drawer)
    rehearsal.watch(
        lambda report: _ready(rehearsal, report, as_json=as_json, follower=follower), show
    )


def _ready(rehearsal: Rehearsal, report: UpReport, *, as_json: bool, follower: bool) -> None:
    if follower and rehearsal.running:
        part = rehearsal.running.folder / "ready.part"
        part.write_text(json.dumps(report.as_json()))
        part.replace(rehearsal.running.folder / READY)
    elif as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        click.echo(summary(report.as_json(), rehearsal.path))


def _follow(rehearsal: Rehearsal, drawer: Drawer) -> None:
    """Print the services' output while the rehearsal runs."""

    def run() -> None:
        from seatrial.ops.logs import logs

        while rehearsal.running and not rehearsal.ended.is_set():
            try:
                _, app = rehearsal.read()
                logs(
                    app,
                    rehearsal.running.target,
                    [],
                    5,
                    drawer,
                    lambda: not rehearsal.ended.is_set(),
                )
            except UserError:
                time.sleep(1)

    threading.Thread(target=run, daemon=True, name="output").start()


def in_background(asked: Asked) -> None:
    """Start ``up`` in the background and wait until it serves; idempotent."""
    path, project, as_json = asked.path, asked.path.parent, asked.as_json
    folder = session.folder_of(project, asked.env)
    if session.find(project, asked.env) and (folder / READY).exists():
        click.echo("already running; it follows changes by itself", err=True)
        _print(json.loads((folder / READY).read_text()), path, as_json=as_json)
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / READY).unlink(missing_ok=True)
    process = spawned(asked.words, path.parent, folder / "up.log")
    signal.signal(signal.SIGTERM, lambda *_: _interrupt())
    try:
        code = _wait(process, folder)
    except KeyboardInterrupt:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(30)
        raise
    if code is not None:
        sys.exit(code or 1)
    _print(json.loads((folder / READY).read_text()), path, as_json=as_json)


def spawned(words: list[str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start one of our own commands in the background; what it says goes into a file."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "seatrial.cli.main", *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=folder,
        )


def _wait(process: subprocess.Popen[bytes], folder: Path) -> int | None:
    """Repeat the background's words until it is ready (None) or ends (its exit code)."""
    with (folder / "up.log").open(errors="replace") as log:
        while True:
            ready, code = (folder / READY).exists(), process.poll()
            for line in log:
                click.echo(line.rstrip("\n"), err=True)
            if ready or code is not None:
                return None if ready else code
            time.sleep(0.1)


def _print(row: dict[str, Any], path: Path, *, as_json: bool) -> None:
    click.echo(json.dumps(row, indent=2) if as_json else summary(row, path))


def typed(path: Path, *words: str) -> str:
    """Return a command as it can be typed here: the program's path, and ``-f`` where needed."""
    program = "seatrial" if shutil.which("seatrial") else os.path.relpath(sys.argv[0])
    nearest = next(
        (f / path.name for f in (Path.cwd(), *Path.cwd().parents) if (f / path.name).is_file()),
        None,
    )
    named = [] if nearest == path else ["-f", os.path.relpath(path)]
    return " ".join([program, *words, *named])


def summary(row: dict[str, Any], path: Path) -> str:
    """Return what a person wants to know of a rehearsal that serves."""
    tasks = ", ".join(f"{s['name']} ({s['tasks']})" for s in row["services"])
    lines = ["", f"  {click.style(row['address'], bold=True)}", ""]
    lines += [f"  site       {site['name']} at {site['address']}" for site in row["sites"]]
    if tasks:
        own = row["services"][0]["address"]
        lines.append(f"  services   {tasks}" + (f" at {own}" if own != row["address"] else ""))
    if row["databases"]:
        lines.append("  databases  " + ", ".join(f"{n} ({s})" for n, s in row["databases"].items()))
    lines += [f"  note       {note}" for note in row["notes"]]
    total = sum(row["seconds"].values())
    lines += [
        f"  wire       {row['wire']}",
        f"  took       {total:.1f} s at pace {row['pace']:g}; a first deploy on AWS takes about "
        f"{max(round(row['expected_on_aws'] / 60), 1)} min",
        "",
        "  not rehearsed here (AWS may differ):",
        *(f"    - {text}" for text in row["not_rehearsed"]),
        "",
        "  next:",
        *(f"    {typed(path, *words)}" for words in NEXT),
        "",
    ]
    return "\n".join(lines)
