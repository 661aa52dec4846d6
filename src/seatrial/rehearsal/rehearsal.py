"""``up``: the deploy verb with a rehearsal as its target, then redeploying on change."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.appfile import load
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.model.build import Build
from seatrial.ops import deploy as deploying
from seatrial.ops import expected_times
from seatrial.ops import status as reading
from seatrial.ops.images import sources
from seatrial.ops.release.operation import Connection, connect
from seatrial.rehearsal import changes, edits, fidelity, models, options, session, values
from seatrial.rehearsal.edits import Edits, listed
from seatrial.rehearsal.incidents import Incidents
from seatrial.rehearsal.options import PROCESS
from seatrial.rehearsal.requirements import (
    missing_extensions,
    missing_part,
    refuse_engine,
    refuse_images,
)
from seatrial.rehearsal.session import Running
from seatrial_emulator.faults import FAULTS
from seatrial_emulator.process import LOG

Stamp = tuple[tuple[str, int], ...]  # each watched file with its time of modification, nanoseconds


@dataclass(frozen=True, kw_only=True)
class UpReport:
    """A rehearsal that serves. Times in seconds; ``sites`` are addresses by name."""

    environment: str
    address: str
    services_address: str
    services: tuple[reading.ServiceStatus, ...]
    databases: dict[str, str]
    sites: dict[str, str]
    seconds: dict[str, float]
    pace: float
    expected_on_aws: int
    sandbox: str
    notes: tuple[str, ...]
    not_rehearsed: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "environment": self.environment,
            "address": self.address,
            "seconds": self.seconds,
            "databases": self.databases,
            "services": [
                {"name": s.name, "address": self.services_address, "tasks": s.running}
                for s in self.services
            ],
            "sites": [{"name": n, "address": a} for n, a in sorted(self.sites.items())],
            "pace": self.pace,
            "expected_on_aws": self.expected_on_aws,
            "sandbox": self.sandbox,
            "notes": list(self.notes),
            "not_rehearsed": list(self.not_rehearsed),
        }


@dataclass(kw_only=True)
class Rehearsal:
    """One rehearsal from its start to its end."""

    path: Path
    environment: str
    emit: Emit
    pace: float = 10.0
    faults: tuple[str, ...] = ()
    engine: str = PROCESS
    ended: threading.Event = field(default_factory=threading.Event)
    running: Running | None = None
    process: subprocess.Popen[bytes] | None = None
    connected: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    connection: Connection | None = None  # of every deploy: clients, the provider, both roots
    watched: list[Path] = field(default_factory=list)
    seen: Stamp = ()  # as it was before the last deploy read the app file
    served: bool = False  # whether a deploy of it succeeded
    placeholders: list[str] = field(default_factory=list)  # secrets without a value of their own
    busy: threading.Event = field(default_factory=threading.Event)

    @property
    def app_name(self) -> str:
        """Return the app's name; the folder's where the app file cannot be read."""
        with contextlib.suppress(UserError):
            return self.read()[1].app
        return self.path.parent.name

    @property
    def folder(self) -> Path:
        """Return the folder of this environment's rehearsal."""
        return session.folder_of(self.path.parent, self.environment)

    def read(self) -> tuple[load.AppFile, App]:
        """Read the app file; raises AppFileError."""
        file = load.read(self.path)
        return file, load.app_for(file, self.environment)

    def start(self) -> UpReport:
        """Start the emulator and deploy to it; raises UserError."""
        self.seen = self._stamp()  # before: an edit made meanwhile is deployed next
        file, app = self.read()
        if self.engine == PROCESS:
            refuse_images(app)
        else:
            refuse_engine(self.engine)
        self._announce_faults(app)
        for text in missing_extensions(app, file.folder):
            self.emit(Note(text, warning=True))
        begin = time.monotonic()
        self.running, self.process = session.start(
            session.StartOptions(
                folder=session.folder_of(file.folder, self.environment),
                environment=self.environment,
                account=app.account,
                region=app.region,
                pace=self.pace,
                faults=self.faults,
                engine=self.engine,
                model_script=models.script_of(app, file.folder),
            )
        )
        (self.running.folder / session.WATCHER).write_text(str(os.getpid()))
        started = round(time.monotonic() - begin, 2)
        self.emit(Note(f"sandbox: {self.running.sandbox}"))
        if app.models:
            self.emit(Note(self.running.models))
        incidents = Incidents(self.running, self.emit, self.busy.is_set)
        self.busy.set()
        self._start_thread("incidents", incidents.run)
        report = self.deploy(file, app, {"emulator": started})
        if self.engine == PROCESS:
            self._restart_on_edits(file, app)
        return report

    def _start_thread(self, name: str, run: Callable[[threading.Event], None]) -> None:
        threading.Thread(target=run, args=(self.ended,), daemon=True, name=name).start()

    def _announce_faults(self, app: App) -> None:
        for fault in self.faults:
            reason = missing_part(app, FAULTS[fault].needs)
            effect = f", without effect: {reason}" if reason else ""
            self.emit(Note(f"fault {fault} is injected{effect}", warning=True))

    def deploy(self, file: load.AppFile, app: App, seconds: dict[str, float]) -> UpReport:
        """Deploy the app as it is now; ``seconds`` is what was spent before. Raises UserError."""
        if self.running is None:
            raise RuntimeError("deploy needs a started rehearsal")
        self.placeholders[:] = values.deliver(file.folder, app, self.running, self.emit)
        self.busy.set()
        try:
            report = deploying.deploy(app, self._connect(), self.options(file, app), self.emit)
        except UserError:
            for text in self.running.call("describe")["missing"]:
                self.emit(Note(f"security groups: {text}", warning=True))
            raise
        finally:
            self.busy.clear()
        return self._report(self.running, app, seconds | report.seconds)

    def _connect(self) -> Connection:
        """Return the connection of the deploy before; a new one where its provider has ended."""
        if self.running is None:
            raise RuntimeError("a connection needs a started rehearsal")
        if self.connection is None or not self.connection.provider.usable():
            self.connected.close()
            self.connection = self.connected.enter_context(connect(self.running.target, self.emit))
        return self.connection

    def _report(self, running: Running, app: App, seconds: dict[str, float]) -> UpReport:
        described = running.call("describe")
        found = reading.status(app, Session(running.target))
        fronts = described["fronts"]
        self.served = True
        return UpReport(
            environment=self.environment,
            address=running.address,
            services_address=fronts.get("main", running.address),
            services=found.services,
            databases=found.databases,
            sites={name: fronts.get(name, running.address) for name in app.sites},
            seconds=seconds,
            pace=self.pace,
            expected_on_aws=expected_times.first_deploy(app),
            sandbox=running.sandbox,
            notes=(
                *described["notes"],
                *((running.models,) if app.models else ()),
                *(f"security groups: {text}" for text in described["missing"]),
            ),
            not_rehearsed=fidelity.not_rehearsed(app, running.not_shown, self.placeholders),
        )

    def _restart_on_edits(self, file: load.AppFile, app: App) -> None:
        """Have the tasks of a folder restarted when a file of it changes, until the end."""
        running, built = self.running, dict[Path, list[str]]()
        for name, service in sorted(app.services.items()):
            if service.build:
                built.setdefault((file.folder / service.build.context).resolve(), []).append(name)
        if running is None or not built:
            return

        def restart(folder: Path, names: list[str]) -> None:
            self.emit(Note(f"changed: {listed(names)}; restarting {', '.join(built[folder])}"))
            with contextlib.suppress(OSError, ValueError):
                running.call("reload", folder=str(folder))

        def written(folder: Path, names: list[str]) -> None:
            services = ", ".join(built[folder])
            text = f"{services} writes {listed(names)} below its source, which is read-only on AWS"
            self.emit(Note(f"{text}: write to /tmp or to a bucket", warning=True))

        open_to_tasks = None if running.sandbox.startswith("namespaces") else written
        watched = Edits(tuple(built), restart, self.busy.is_set, open_to_tasks)
        self._start_thread("edits", watched.run)

    def options(self, file: load.AppFile, app: App) -> deploying.Options:
        """Return the deploy verb's options for a rehearsal of this project."""
        source = values.source(file.folder, app, self.emit, self.placeholders)
        return options.live(file, self.environment, self.emit, source, self.engine)

    def watch(
        self, deployed: Callable[[UpReport], None], failed: Callable[[UserError], None]
    ) -> None:
        """Deploy again whenever the app file or a build's ingredients change, until the end."""
        self._handled()
        for _ in changes.looks(lambda: {path.parent for path in self.watched}, self.ended):
            if self.process and self.process.poll() is not None:
                raise self._emulator_ended(self.process.returncode)
            if (now := self._stamp()) == self.seen:
                continue
            changed = {path for path, _ in set(now) ^ set(self.seen)}
            self.seen = now
            names = sorted(os.path.relpath(path, self.path.parent) for path in changed)
            self.emit(Note(f"changed: {listed(names)}; deploying"))
            try:
                deployed(self.deploy(*self.read(), {}))
            except UserError as error:
                failed(error)
            self._handled()

    def _emulator_ended(self, code: int) -> UserError:
        """Return why a rehearsal is over that nobody ended; the next command tells it too."""
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        folder = session.folder_of(self.path.parent, self.environment)
        reason = f"its emulator ended ({how}); the emulator's log is {folder / LOG}"
        session.remember_end(folder, reason)
        return UserError.of(
            "rehearsal-ended",
            f"the rehearsal is over: {reason}",
            "Run `seatrial up` again: rows, objects and secret values are still there.",
        )

    def _handled(self) -> None:
        """Write down what was handled: where it is what lies in the folder, `up` is idle."""
        if self.running:
            part = self.running.folder / "handled.part"
            part.write_text(json.dumps(self.seen))
            part.replace(self.running.folder / session.HANDLED)

    def _stamp(self) -> Stamp:
        """Return every watched file as it is now."""
        self.watched = self._paths()
        return tuple((str(p), p.stat().st_mtime_ns) for p in self.watched if p.is_file())

    def _paths(self) -> list[Path]:
        """Return the app file and what its builds, sites and buckets are made of."""
        paths = [self.path]
        with contextlib.suppress(UserError):
            file = load.read(self.path)
            services = file.tree.raw.get("services", {})
            for service in services.values() if isinstance(services, dict) else ():
                build = Build.long_form(service.get("build")) if isinstance(service, dict) else None
                paths += self._watched(file.folder, build) if isinstance(build, dict) else []
            app = load.app_for(file, self.environment)
            whole = [site.build for site in app.sites.values()]
            whole += [bucket.files for bucket in app.buckets.values() if bucket.files]
            for folder in whole:
                paths += [Path(path) for path in sorted(sources.stamps(file.folder / folder))]
        return paths

    def _watched(self, project: Path, build: dict[str, Any]) -> list[Path]:
        """Return the files that make a new image: with an engine all, else its requirements."""
        folder = project / str(build.get("context", "."))
        if self.engine == PROCESS:
            names = (*edits.REBUILDS, *filter(None, [str(build.get("dockerfile") or "")]))
            return [folder / name for name in names]
        return [Path(path) for path in sorted(sources.stamps(folder))]

    def end(self) -> None:
        """End everything that was started."""
        self.ended.set()
        self.connected.close()
        if self.process and self.running:
            session.end(self.process, self.running.folder)
