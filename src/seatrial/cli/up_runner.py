"""Running ``up``: in the foreground with the services' output, or in the background."""

from __future__ import annotations

import contextlib
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

from seatrial.appfile import load
from seatrial.appfile.load import BASE
from seatrial.cli.main import show
from seatrial.cli.output import SILENT_SECONDS, EventPrinter
from seatrial.cli.style import style
from seatrial.cloud.session import Session
from seatrial.console import place, server
from seatrial.errors import AppFileError, Problem, UsageError, UserError
from seatrial.events import Note
from seatrial.ops import status as reading
from seatrial.ops.doctor import examine as doctor
from seatrial.ops.logs import Wanted, logs
from seatrial.rehearsal import session
from seatrial.rehearsal.options import PROCESS
from seatrial.rehearsal.rehearsal import Rehearsal, UpReport
from seatrial.trial import step_file

READY = "ready.json"
NEXT = (("status",), ("logs", "--follow"), ("plan",), ("down",))
FOLLOWER_SILENCE = 5.0  # seconds until the background says again what it is doing


@dataclass(frozen=True, kw_only=True)
class UpOptions:
    """The options of one ``seatrial up``."""

    path: Path
    env: str
    pace: float
    faults: tuple[str, ...] = ()
    fresh: bool = False
    as_json: bool = False
    engine: str = "auto"

    @property
    def background_arguments(self) -> list[str]:
        """Return the arguments of the background process that does the work of ``--detach``."""
        arguments = ["up", "--follower", "-f", str(self.path), "--env", self.env]
        arguments += ["--pace", str(self.pace), *(["--fresh"] if self.fresh else [])]
        arguments += ["--engine", self.engine]
        return arguments + [f"--inject={fault}" for fault in self.faults]


def run_in_foreground(options: UpOptions, *, follower: bool) -> None:
    """Rehearse until Ctrl-C, SIGTERM or a closed terminal."""
    project, env = options.path.parent, options.env
    if session.find(project, env):
        raise UsageError(
            Problem(
                "rehearsal-runs",
                f"a rehearsal of {env} is already running",
                "Use it (`seatrial status`) or end it (`seatrial down`).",
            )
        )
    if options.fresh:
        session.forget_data(project, env)
    printer = EventPrinter(
        quiet=options.as_json, silence=FOLLOWER_SILENCE if follower else SILENT_SECONDS
    )
    rehearsal = Rehearsal(
        path=options.path,
        environment=env,
        emit=printer,
        pace=options.pace,
        faults=options.faults,
        engine=PROCESS if options.engine == "auto" else options.engine,
    )
    steps = step_file.path_of(project, env)
    console = server.start(options.path, env, place.Local(options.path, env), steps=steps)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _interrupt())
    click.echo(f"rehearsing {rehearsal.app_name} ({env})", err=True)
    if why := session.unexpected_end(session.folder_of(project, env), forget=True):
        printer(Note(f"the last rehearsal ended by itself: {why}", warning=True))
    try:
        output = Output(as_json=options.as_json, follower=follower, console=console.address)
        _serve(rehearsal, printer, output)
    except KeyboardInterrupt:
        click.echo("ending the rehearsal", err=True)
        if not rehearsal.served:  # a later Ctrl-C is the usual end of an `up`, not a failure
            raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        rehearsal.end()
        console.close()
        (session.folder_of(project, env) / READY).unlink(missing_ok=True)


def _interrupt() -> None:
    raise KeyboardInterrupt


@dataclass(frozen=True, kw_only=True)
class Output:
    """How a rehearsal that serves is reported; ``console`` is the address of its page."""

    as_json: bool
    follower: bool
    console: str


def _serve(rehearsal: Rehearsal, printer: EventPrinter, output: Output) -> None:
    try:
        report = rehearsal.start()
    except UserError as error:
        found = _examined(rehearsal, error)
        if output.follower or rehearsal.running is None:
            raise found from error
        show(found)
        click.echo("waiting for a change (Ctrl-C ends the rehearsal)", err=True)
    else:
        _report_ready(rehearsal, report, output)
    if not output.follower and not output.as_json:
        _print_logs(rehearsal, printer)
    rehearsal.watch(
        lambda report: _report_ready(rehearsal, report, output),
        lambda error: show(_examined(rehearsal, error)),
    )


def _examined(rehearsal: Rehearsal, error: UserError) -> UserError:
    """Return what a deploy failed with, and doctor's first finding in what it left."""
    if rehearsal.running is None or isinstance(error, AppFileError):
        return error
    doctor.remember(rehearsal.folder, error.problems)
    with contextlib.suppress(UserError):  # the app file may be wrong by now
        _, app = rehearsal.read()
        return doctor.with_finding(error, app, Session(rehearsal.running.target), in_rehearsal=True)
    return error


def _report_ready(rehearsal: Rehearsal, report: UpReport, output: Output) -> None:
    row = report.as_json() | {"console": output.console}
    doctor.forget(rehearsal.folder)
    if output.follower and rehearsal.running:
        part = rehearsal.running.folder / "ready.part"
        part.touch(mode=0o600)  # the console's address has its token
        part.write_text(json.dumps(row))
        part.replace(rehearsal.running.folder / READY)
    elif output.as_json:
        click.echo(json.dumps(row))
    else:
        click.echo(summary(row, rehearsal.path))


def _print_logs(rehearsal: Rehearsal, printer: EventPrinter) -> None:
    """Print the services' output while the rehearsal runs."""

    def run() -> None:
        while rehearsal.running and not rehearsal.ended.is_set():
            try:
                _, app = rehearsal.read()
                logs(
                    app,
                    rehearsal.running.target,
                    Wanted(since=5),
                    printer,
                    lambda: not rehearsal.ended.is_set(),
                )
            except UserError:
                time.sleep(1)

    threading.Thread(target=run, daemon=True, name="output").start()


def run_in_background(options: UpOptions) -> None:
    """Start ``up`` in the background and wait until the app serves; idempotent."""
    path, project, as_json = options.path, options.path.parent, options.as_json
    folder = session.folder_of(project, options.env)
    if session.find(project, options.env) and (folder / READY).exists():
        click.echo("already running; it redeploys changes by itself", err=True)
        _print_problems(path, options.env)
        _print(json.loads((folder / READY).read_text()), path, as_json=as_json)
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / READY).unlink(missing_ok=True)
    click.echo(f"starting a rehearsal of {options.env} in the background", err=True)
    process = start_in_background(options.background_arguments, path.parent, folder / "up.log")
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


def _print_problems(path: Path, environment: str) -> None:
    """Print what does not run as it should in a rehearsal that runs already."""
    running = session.find(path.parent, environment)
    if running is None:
        return
    app = load.app_for(load.read(path), environment)
    with contextlib.suppress(UserError):  # nothing was deployed yet
        for text in reading.status(app, Session(running.target)).problems:
            click.echo(style(f"  warning: {text}", fg="yellow"), err=True)


def start_in_background(arguments: list[str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a ``seatrial`` command in the background; its output goes to the file ``log``."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "seatrial.cli.main", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=folder,
        )


def _wait(process: subprocess.Popen[bytes], folder: Path) -> int | None:
    """Print the background's output until it is ready (None) or has ended (its exit code)."""
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


def command_line(path: Path, *arguments: str) -> str:
    """Return a command to paste here: the program's path, and ``-f`` where needed."""
    program = "seatrial" if shutil.which("seatrial") else os.path.relpath(sys.argv[0])
    nearest = next(
        (f / path.name for f in (Path.cwd(), *Path.cwd().parents) if (f / path.name).is_file()),
        None,
    )
    file = [] if nearest == path else ["-f", os.path.relpath(path)]
    return " ".join([program, *arguments, *file])


def summary(row: dict[str, Any], path: Path) -> str:
    """Return the summary of a rehearsal that serves; ``row`` is ``UpReport.as_json``."""
    minutes = max(round(row["expected_on_aws"] / 60), 1)
    lines = [
        "",
        f"  {style(row['address'], bold=True)}",
        "",
        *_parts(row),
        f"  console    {row['console']}",
        f"  sandbox    {row['sandbox']}",
        f"  took       {sum(row['seconds'].values()):.1f} s at pace {row['pace']:g}; "
        f"a first deploy to AWS takes about {minutes} min",
        "",
        "  not rehearsed here (AWS may differ):",
        *(f"    - {text}" for text in row["not_rehearsed"]),
        "",
        "  next:",
        *(f"    {command_line(path, *words)}" for words in next_commands(row["environment"])),
        "",
    ]
    return "\n".join(lines)


def next_commands(environment: str) -> list[tuple[str, ...]]:
    """Return the commands to go on with, as they reach this rehearsal and not AWS."""
    if environment == BASE:
        return list(NEXT)
    where = ("--env", environment)
    return [(*c, *where, *(() if c == ("down",) else ("--rehearsal",))) for c in NEXT]


def _parts(row: dict[str, Any]) -> list[str]:
    """Return a line for each site, one for services, one for databases, one for each note."""
    lines = [f"  site       {site['name']} at {site['address']}" for site in row["sites"]]
    if row["services"]:
        tasks = ", ".join(
            f"{s['name']} ({s['tasks']} task{'s' * (s['tasks'] != 1)})" for s in row["services"]
        )
        address = row["services"][0]["address"]
        lines.append(
            f"  services   {tasks}" + (f" at {address}" if address != row["address"] else "")
        )
    if row["databases"]:
        found = ", ".join(f"{name} ({state})" for name, state in row["databases"].items())
        lines.append(f"  databases  {found}")
    return lines + [f"  note       {note}" for note in row["notes"]]
