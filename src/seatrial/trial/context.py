"""What the steps of a trial share: the app, its own rehearsal, the load, the observer."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from seatrial.appfile import load as appfile
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError, UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.ops import deploy as deploying
from seatrial.ops import status as reading
from seatrial.ops.images.build_input import BuildInput
from seatrial.ops.images.builds import Built, Known
from seatrial.ops.release import record
from seatrial.ops.release.operation import Connection, connect
from seatrial.rehearsal import models, snapshots, values
from seatrial.rehearsal import session as rehearsals
from seatrial.rehearsal.session import Running
from seatrial.rehearsal.snapshots import Variant
from seatrial.resources.context import Context
from seatrial.trial.load import Load, send_request
from seatrial.trial.observer import EcsObserver

RECOVERY_SECONDS = 60.0  # within which the app must be healthy again after a disruption


class FailedError(Exception):
    """A step's expectation did not hold; the text says which."""


@dataclass
class TrialContext:
    """One trial while it runs."""

    file: appfile.AppFile
    app: App
    emit: Emit
    pace: float
    running: Running | None = None
    process: subprocess.Popen[bytes] | None = None
    load: Load | None = None
    observer: EcsObserver | None = None
    exit_stack: ExitStack = field(default_factory=ExitStack)
    served: list[Variant] = field(default_factory=list)  # in order; the last one serves
    placeholders: list[str] = field(default_factory=list)
    backups: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Return the trial's own folder, deleted at its end."""
        return self.file.folder / ".seatrial" / f"trial-{self.app.environment}"

    @property
    def rehearsal(self) -> Running:
        """Return the rehearsal; raises RuntimeError before it was started."""
        if self.running is None:
            raise RuntimeError("the rehearsal was not started")
        return self.running

    @cached_property
    def connection(self) -> Connection:
        """Return the target as every verb of this trial uses it."""
        return self.exit_stack.enter_context(connect(self.rehearsal.target, self.emit))

    @property
    def session(self) -> Session:
        """Return an administrator's AWS session with the emulator."""
        return self.connection.session

    def open(self) -> None:
        """Start an empty rehearsal; raises UserError where one of this trial runs."""
        if rehearsals.find_in(self.folder, self.app.environment):
            raise UsageError(
                Problem(
                    "rehearsal-runs",
                    f"a trial of {self.app.environment} is already running",
                    "Wait until it ends.",
                )
            )
        shutil.rmtree(self.folder, ignore_errors=True)
        self.running, self.process = rehearsals.start(
            rehearsals.StartOptions(
                folder=self.folder,
                environment=self.app.environment,
                account=self.app.account,
                region=self.app.region,
                pace=self.pace,
                model_script=models.script_of(self.app, self.file.folder),
            )
        )
        self.placeholders += values.deliver(
            self.file.folder, self.app, self.running, lambda _: None
        )
        cluster = Context(self.app).name("service")
        self.observer = EcsObserver(
            self.rehearsal.target, cluster, tuple(sorted(self.app.services))
        )

    def close(self) -> None:
        """End everything that was started, and delete the folder."""
        if self.load:
            self.load.stop()
        if self.observer:
            self.observer.stop()
        self.exit_stack.close()
        if self.process:
            rehearsals.end(self.process, self.folder)
        self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def options(self, variant: Variant) -> deploying.Options:
        """Return the deploy verb's options: builds are snapshots, so that a rollback runs the
        code of its release.
        """
        images = self.folder / "images"

        def builder(build: BuildInput, _: Known) -> Built:
            def log(text: str) -> None:
                self.emit(Note(text))

            return snapshots.snapshot(build, images, log, live=False, variant=variant)

        source = values.source(self.file.folder, self.app, lambda _: None, self.placeholders)
        return deploying.Options(self.file.folder, builder, source, "seatrial trial")

    def deploy(self, variant: Variant) -> deploying.DeployReport:
        """Deploy a variant of the app; raises UserError."""
        report = deploying.deploy(self.app, self.connection, self.options(variant), self.emit)
        self.served.append(variant)
        return report

    def serving(self) -> int:
        """Return the number of the release that serves, 0 before the first."""
        found = record.serving(self.session, self.app.app)
        return found.number if found else 0

    def is_healthy(self) -> bool:
        """Return whether everything runs, is healthy, and answers as the app file expects."""
        try:
            status = reading.status(self.app, self.session)
        except UserError:
            return False
        return status.serves and not self.failed_requests()

    def wait_until_healthy(self, timeout: float = RECOVERY_SECONDS) -> float:
        """Wait until everything is healthy and return the seconds it took; raises FailedError."""
        begin = time.monotonic()
        while not self.is_healthy():
            if time.monotonic() - begin > timeout:
                raise FailedError(f"not healthy after {timeout:.0f} s: {self.unhealthy_parts()}")
            time.sleep(0.2)
        return time.monotonic() - begin

    def unhealthy_parts(self) -> str:
        """Return what is not healthy, in one line."""
        status = reading.status(self.app, self.session)
        found = [
            f"{s.name} {s.running}/{s.desired} running, {s.healthy} healthy {s.why}".strip()
            for s in status.services
            if s.running < s.desired or (s.healthy is not None and s.healthy < s.desired)
        ]
        found += [f"database {n} is {s}" for n, s in status.databases.items() if s != "available"]
        missing = [
            f"security groups: {text}" for text in self.rehearsal.call("describe")["missing"]
        ]
        return "; ".join([*found, *self.failed_requests(), *missing])

    def failed_requests(self) -> list[str]:
        """Return which of the app file's own requests are not answered as expected."""
        found = []
        for wanted in self.app.trial.requests:
            answer = send_request(
                self.rehearsal.address,
                wanted.path,
                wanted.method,
                dict(wanted.headers),
                wanted.body,
            )
            if answer.status != wanted.status:
                found.append(
                    f"{wanted.method} {wanted.path}: {answer.status or answer.text}, not "
                    f"{wanted.status}"
                )
            elif wanted.contains not in answer.text:
                found.append(f"{wanted.method} {wanted.path}: no {wanted.contains!r} in the answer")
        return found

    def aws_messages(self) -> str:
        """Return service events and tasks' stopped reasons, as one text."""
        ecs = self.session.client("ecs")
        cluster = Context(self.app).name("service")
        found = []
        for name in self.app.services:
            for row in ecs.describe_services(cluster=cluster, services=[name])["services"]:
                found += [event["message"] for event in row["events"]]
        if self.observer:
            found += [task.reason for task in list(self.observer.tasks.values())]
        return "\n".join(found)


def paths(app: App) -> tuple[str, ...]:
    """Return the paths of the load: the app file's, else health paths and GET requests.

    With neither, the path of each public service: `/` might lead to none of them.
    """
    if app.trial.load.paths:
        return app.trial.load.paths
    found = [
        service.health.path
        for service in app.services.values()
        if service.public and any(service.health.path.startswith(p) for p in service.public.path)
    ]
    found += [request.path for request in app.trial.requests if request.method == "GET"]
    public = [service.public.path[0] for service in app.services.values() if service.public]
    return tuple(dict.fromkeys(found or public)) or ("/",)


Skip = Callable[[TrialContext], str]  # why a step is skipped; empty where it runs
