"""Status: what runs, read from AWS's own records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seatrial.cloud import databases, services
from seatrial.cloud.session import Session
from seatrial.model.app import App
from seatrial.ops import smoke
from seatrial.ops.release import record
from seatrial.ops.release.operation import none_serves
from seatrial.ops.release.roots import Roots
from seatrial.resources.context import Context


@dataclass(frozen=True)
class ServiceStatus:
    """One service; ``healthy`` is None where nothing checks it."""

    name: str
    desired: int
    running: int
    healthy: int | None
    revision: str
    deployment: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class StatusReport:
    """An environment at one moment."""

    release: int | None
    services: tuple[ServiceStatus, ...]
    databases: dict[str, str]
    address: str

    @property
    def well(self) -> bool:
        """Return whether everything that should run does, healthy where that is checked."""
        return all(
            s.running >= s.desired and (s.healthy is None or s.healthy >= s.desired)
            for s in self.services
        ) and all(state == "available" for state in self.databases.values())

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "release": self.release,
            "services": [s.as_json() for s in self.services],
            "databases": self.databases,
            "address": self.address,
        }


def status(app: App, session: Session) -> StatusReport:
    """Return what runs of an app; raises UserError where nothing of it was deployed."""
    context = Context(app)
    serving = record.serving(session, app.app)
    found = services.describe(session, context.name("service"), sorted(app.services))
    if serving is None and not found:
        raise none_serves(app)
    states = {}
    for noun in sorted(app.databases):
        instance = databases.find(session, context.name("database", noun))
        states[noun] = instance.status if instance else "missing"
    return StatusReport(
        serving.number if serving else None,
        tuple(_service(session, context, row) for row in found),
        states,
        smoke.address(app, session.target, Roots(session, app.app, lambda _: None).outputs()),
    )


def _service(session: Session, context: Context, row: services.Service) -> ServiceStatus:
    healthy, why = None, ""
    for group in row.groups:
        count, reasons = services.healthy(session, group)
        healthy, why = count, reasons[0] if reasons else ""
    rollout = row.deployments[0].rollout if row.deployments else ""
    if row.running < row.desired:
        ended = services.stopped(session, context.name("service"), row.name)
        why = ended[-1].reason if ended else why
    return ServiceStatus(
        name=row.name,
        desired=row.desired,
        running=row.running,
        healthy=healthy,
        revision=row.revision,
        deployment=rollout,
        why=why,
    )
