"""What every verb that changes an environment holds while it works: lock, roots, steps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.engine import provider, provider_host, quick_provider
from seatrial.engine.provider_host import OnDemand
from seatrial.engine.terraform import Terraform
from seatrial.errors import Problem, UsageError, UserError
from seatrial.events import Emit, Note, StepEnded, StepFailed, StepStarted
from seatrial.model.app import App
from seatrial.ops.release import lock, record
from seatrial.ops.release.record import Record
from seatrial.ops.release.roots import Roots
from seatrial.resources.context import Context
from seatrial.resources.graph import Root
from seatrial.target import Target


@dataclass
class Steps:
    """Named parts of the work, timed and reported."""

    emit: Emit
    seconds: dict[str, float] = field(default_factory=dict)
    current: str = ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Emit a step's start and its end, or its failure."""
        self.emit(StepStarted(name))
        self.current = name
        begin = time.monotonic()
        try:
            yield
        except BaseException:
            self.emit(StepFailed(name))
            raise
        self.seconds[name] = round(time.monotonic() - begin, 2)
        self.emit(StepEnded(name, self.seconds[name]))


@dataclass
class Operation:
    """One verb while it runs; ``values`` are the variables of the release root."""

    app: App
    session: Session
    roots: Roots
    steps: Steps
    emit: Emit
    serving: Record | None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def cluster(self) -> str:
        """Return the name of the environment's cluster."""
        return Context(self.app).name("service")

    def served(self) -> Record:
        """Return the serving release; raises UserError before the first."""
        if self.serving is None:
            raise none_serves(self.app)
        return self.serving

    def output(self, handle: str, attribute: str) -> str:
        """Return one of the foundation's outputs; raises UserError where no release has it."""
        found = self.values["foundation"]
        if handle not in found:
            number = self.served().number
            raise UserError.of(
                "release-none",
                f"release {number}, which serves, has no `{handle.split('_', 2)[-1]}`",
                "Deploy the app file first: what it names is created then.",
            )
        return str(found[handle][attribute])

    def identifier(self, noun: str) -> str:
        """Return the RDS identifier of a database; raises UserError where there is none."""
        if noun not in self.app.databases:
            raise UserError.of(
                "usage-database",
                f"the app file has no database `{noun}`",
                "Name one of: " + (", ".join(sorted(self.app.databases)) or "there is none") + ".",
            )
        return self.output(f"db_instance_{noun}", "identifier")

    def bucket(self, noun: str) -> str:
        """Return the whole name of a bucket: it ends with the account."""
        return f"{Context(self.app).bucket(noun)}-{self.session.target.account}"

    def secret(self, noun: str) -> str:
        """Return the ARN of a secret, or of the secret that keeps a database's password."""
        return self.output(f"secretsmanager_secret_{noun}", "arn")

    def next_number(self) -> int:
        """Return the number of the release that is made now."""
        return record.last_number(self.session, self.app.app) + 1


def none_serves(app: App) -> UserError:
    """Return the error of a command that works on a release, before the first."""
    return UserError.of(
        "release-none",
        f"no release of {app.app} serves in {app.environment}",
        "Deploy one first; in a rehearsal that is `seatrial up`.",
    )


@dataclass
class Connection:
    """A target with what is slow to prepare: clients, provider, connected roots.

    A verb opens one for itself; who calls many verbs in a row opens one for all of them.
    """

    session: Session
    provider: OnDemand
    made: dict[Root, Terraform] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        """Return the target."""
        return self.session.target

    def roots(self, app: str, emit: Emit) -> Roots:
        """Return an app's roots of this connection."""
        return Roots(self.session, app, emit, self.provider.reattach, self.made)


Destination = Target | Connection


@contextmanager
def connect(place: Destination, emit: Emit) -> Iterator[Connection]:
    """Connect to a target; a connection that is open already stays open."""
    if isinstance(place, Connection):
        yield place
        return
    place.folder.mkdir(parents=True, exist_ok=True)
    with _provider(place, emit) as found:
        yield Connection(Session(place), found)


@contextmanager
def locked_operation(app: App, place: Destination, command: str, emit: Emit) -> Iterator[Operation]:
    """Hold an environment's lock and its roots while the block works on it."""
    with connect(place, emit) as here:
        session = here.session
        here.provider.begin()
        storage.ensure_bucket(session)
        with lock.held(session, app.app, command):
            roots = here.roots(app.app, emit)
            serving = record.serving(session, app.app)
            values = {"foundation": roots.outputs(), "wait": False}
            work = Operation(
                app=app,
                session=session,
                roots=roots,
                steps=Steps(emit),
                emit=emit,
                serving=serving,
                values=values,
            )
            try:
                yield work
            except KeyboardInterrupt:
                emit(Note(_interrupted(work), warning=True))
                raise


def _interrupted(work: Operation) -> str:
    where = f" during `{work.steps.current}`" if work.steps.current else ""
    serves = f"release {work.serving.number} served before" if work.serving else "nothing served"
    return f"interrupted{where}; {serves}; run the same command again to resume"


@contextmanager
def _provider(target: Target, emit: Emit) -> Iterator[OnDemand]:
    """Yield the provider that the user chose, else the one that suits the target.

    ``stock`` leaves it to Terraform to start the provider, with its whole schema.
    """
    choice = provider.choice()
    if choice == "quick" and not target.front:
        raise UsageError(
            Problem(
                "usage-provider",
                "the quick provider is for rehearsals and practice accounts",
                "Use `--provider stock`, or neither the option nor SEATRIAL_PROVIDER.",
            )
        )
    if choice == "stock":
        yield OnDemand(lambda: None)
        return
    environment = provider.environment(target.folder, target.variables)
    shift = quick_provider.SHIFT if choice == "quick" or target.quick_provider else 0

    def tell(note: str) -> None:
        if target.quick_provider:
            emit(Note(note))

    with provider_host.on_demand(environment, target.folder, shift, tell) as found:
        yield found
