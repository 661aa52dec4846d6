"""``up``: the deploy verb with a rehearsal as its target, then watching until it is told to end."""

from __future__ import annotations

import contextlib
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
from seatrial.engine import containers
from seatrial.errors import UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.ops import deploy as deploying
from seatrial.ops import expected
from seatrial.ops import status as reading
from seatrial.ops.images import layers, sources
from seatrial.ops.images.builds import Builder, Built, Known
from seatrial.rehearsal import fidelity, session, values
from seatrial.rehearsal import snapshots as build
from seatrial.rehearsal.session import Running
from seatrial_emulator.faults import FAULTS
from seatrial_emulator.faults.fault import Need
from seatrial_emulator.sandbox import namespaces, podman

PROCESS = "process"
REBUILDS = ("requirements.txt", "pyproject.toml", "uv.lock", "Dockerfile")
LOOK_SECONDS = 0.3
SOURCE_SECONDS = 0.08


@dataclass(frozen=True)
class UpReport:
    """A rehearsal that serves."""

    address: str
    services: tuple[reading.ServiceStatus, ...]
    databases: dict[str, str]
    seconds: dict[str, float]
    pace: float
    expected_on_aws: int
    wire: str
    notes: tuple[str, ...]
    not_rehearsed: tuple[str, ...]
    sites: dict[str, str] = field(default_factory=dict)
    own: str = ""  # where the services are reached

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "address": self.address,
            "seconds": self.seconds,
            "databases": self.databases,
            "services": [
                {"name": s.name, "address": self.own, "tasks": s.running} for s in self.services
            ],
            "sites": [{"name": n, "address": a} for n, a in sorted(self.sites.items())],
            "pace": self.pace,
            "expected_on_aws": self.expected_on_aws,
            "wire": self.wire,
            "notes": list(self.notes),
            "not_rehearsed": list(self.not_rehearsed),
        }


@dataclass
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
    dummies: list[str] = field(default_factory=list)

    def read(self) -> tuple[load.AppFile, App]:
        """Read the app file; raises AppFileError."""
        file = load.read(self.path)
        return file, load.app_for(file, self.environment)

    def start(self) -> UpReport:
        """Start the emulator and deploy to it; raises UserError."""
        file, app = self.read()
        if self.engine == PROCESS:
            refuse_images(app)
        else:
            refuse_engine(self.engine)
        for fault in self.faults:
            why = lacks(app, FAULTS[fault].needs)
            self.emit(Note(f"{fault} holds" + (f", without effect: {why}" if why else ""), True))
        begin = time.monotonic()
        self.running, self.process = session.start(
            session.Start(
                session.folder_of(file.folder, self.environment),
                self.environment,
                app.account,
                app.region,
                self.pace,
                self.faults,
                self.engine,
            )
        )
        (self.running.folder / "up.pid").write_text(str(os.getpid()))
        started = round(time.monotonic() - begin, 2)
        self.emit(Note(self.running.wire))
        report = self.deploy(file, app, {"emulator": started})
        built = {(file.folder / s.build).resolve() for s in app.services.values() if s.build}
        if self.engine == PROCESS and built:
            self._restart_on_edits(built)
        return report

    def deploy(self, file: load.AppFile, app: App, seconds: dict[str, float]) -> UpReport:
        """Deploy the app as it is now; raises UserError."""
        if self.running is None:
            raise RuntimeError("deploy needs a started rehearsal")
        running = self.running
        self.dummies.clear()
        try:
            report = deploying.deploy(app, running.target, self.options(file), self.emit)
        except UserError:
            for text in running.ask("describe")["missing"]:
                self.emit(Note(f"security groups: {text}", warning=True))
            raise
        described = running.ask("describe")
        notes = (
            *described["notes"],
            *(f"security groups: {text}" for text in described["missing"]),
        )
        found = reading.status(app, Session(running.target))
        dummies = tuple(
            f"the value of the secret {noun} (a dummy stands for it)" for noun in self.dummies
        )
        others = fidelity.of_others(app.sections)
        fronts = described["fronts"]
        sites = {name: fronts.get(name, running.address) for name in app.sites}
        return UpReport(
            running.address,
            found.services,
            found.databases,
            seconds | report.seconds,
            self.pace,
            expected.first_deploy(app),
            running.wire,
            notes,
            (*(t for t in running.not_shown if t not in others), *dummies),
            sites,
            fronts.get("main", running.address),
        )

    def _restart_on_edits(self, folders: set[Path]) -> None:
        """Have the tasks of a folder restarted when a file of it changes, until the end."""
        running = self.running
        seen = {folder: sources.stamps(folder) for folder in folders}

        def watch() -> None:
            while running and not self.ended.wait(SOURCE_SECONDS):
                for folder, before in seen.items():
                    if (now := sources.stamps(folder)) != before:
                        seen[folder] = now
                        with contextlib.suppress(OSError, ValueError):
                            running.ask("reload", folder=str(folder))

        threading.Thread(target=watch, daemon=True, name="sources").start()

    def options(self, file: load.AppFile) -> deploying.Options:
        """Return what the deploy verb needs in a rehearsal of this project."""
        source = values.source(file.folder, self.emit, self.dummies)
        return options(file, self.environment, self.emit, source, self.engine)

    def watch(
        self, described: Callable[[UpReport], None], failed: Callable[[UserError], None]
    ) -> None:
        """Deploy again whenever the app file or what a build is made of changes, until the end."""
        seen = self._stamp()
        while not self.ended.wait(LOOK_SECONDS):
            if self.process and self.process.poll() is not None:
                return
            now = self._stamp()
            if now == seen:
                continue
            seen = now
            try:
                described(self.deploy(*self.read(), {}))
            except UserError as error:
                failed(error)

    def _stamp(self) -> tuple[tuple[str, int], ...]:
        paths = [self.path]
        with contextlib.suppress(UserError):
            file = load.read(self.path)
            services = file.tree.raw.get("services", {})
            for service in services.values() if isinstance(services, dict) else ():
                folder = service.get("build") if isinstance(service, dict) else None
                paths += self._watched(file.folder / str(folder)) if folder else []
            app = load.app_for(file, self.environment)
            whole = [site.build for site in app.sites.values()]
            whole += [bucket.files for bucket in app.buckets.values() if bucket.files]
            for folder in whole:
                paths += [Path(path) for path in sorted(sources.stamps(file.folder / folder))]
        return tuple((str(p), p.stat().st_mtime_ns) for p in paths if p.is_file())

    def _watched(self, folder: Path) -> list[Path]:
        """Return what makes a new image: all of a build with an engine, its packages without."""
        if self.engine == PROCESS:
            return [folder / name for name in REBUILDS]
        return [Path(path) for path in sorted(sources.stamps(folder))]

    def end(self) -> None:
        """End everything that was started."""
        self.ended.set()
        if self.process is None:
            return
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.running:
            session.tidy(self.running.folder)


def options(
    file: load.AppFile,
    environment: str,
    emit: Emit,
    source: Callable[[str], str | None],
    engine: str = PROCESS,
) -> deploying.Options:
    """Return the deploy verb's options for a rehearsal: builds are snapshots that run in place.

    With a container ``engine`` they are images; raises UserError where it does not work.
    """
    folder = session.folder_of(file.folder, environment)
    command = f"seatrial up --env {environment}"
    if engine == PROCESS:
        return _options(file, source, _builder(folder / "images", emit, live=True), command)
    builder = layers.builder(containers.find(engine), folder / "builds", emit)
    return _options(file, source, builder, command)


def snapshots(
    file: load.AppFile, environment: str, emit: Emit, source: Callable[[str], str | None]
) -> deploying.Options:
    """Return the deploy verb's options for a practice account: builds are frozen copies."""
    images = file.folder / ".seatrial" / f"aws-{environment}" / "images"
    command = f"seatrial deploy {environment}"
    return _options(file, source, _builder(images, emit, live=False), command)


def _builder(images: Path, emit: Emit, *, live: bool) -> Builder:
    def builder(folder: Path, platform: str, _: Known) -> Built:
        return build.snapshot(folder, platform, images, lambda text: emit(Note(text)), live=live)

    return builder


def _options(
    file: load.AppFile, source: Callable[[str], str | None], builder: Builder, command: str
) -> deploying.Options:
    def line(noun: str) -> int | None:
        return load.line_of(file, tuple(noun.split(".")))

    return deploying.Options(file.folder, builder, source, command, line)


def lacks(app: App, what: Need) -> str:
    """Return in words that an app has no ``what`` (empty: no service), or nothing if it has."""
    services = app.services.values()
    uses = {use.name for service in services for use in service.uses}
    there = {
        "": bool(services),
        "secret": any(name in app.secrets or name in app.databases for name in uses),
        "database": bool(app.databases),
        "public": any(service.port is not None and service.public for service in services),
    }
    why = {
        "": "the app has no service",
        "secret": "no service of the app is given a secret",
        "database": "the app has no database",
        "public": "no service of the app is asked for its health",
    }
    return "" if there[what] else why[what]


def refuse_engine(engine: str) -> None:
    """Refuse a rehearsal of containers where they cannot run. Raises UserError."""
    containers.find(engine)
    lacking = [
        what
        for what, there in (
            ("podman", podman.command() is not None),
            ("namespaces (Linux)", namespaces.available()),
            ("root's rights", os.geteuid() == 0),
        )
        if not there
    ]
    if lacking:
        raise UserError.of(
            "rehearsal-engine",
            f"a rehearsal of containers needs {' and '.join(lacking)}",
            "Rehearse without containers: `seatrial up --engine process`.",
        )


def refuse_images(app: App) -> None:
    """Refuse finished images: they need a container engine. Raises UserError."""
    for name, service in app.services.items():
        if service.image:
            raise UserError.of(
                "rehearsal-image",
                f"`{name}` runs a finished image, and no container engine is used here",
                "Use one: `seatrial up --engine podman`; or rehearse it from its source: "
                "`build: ./folder` in an overlay.",
                f"services.{name}.image",
            )
