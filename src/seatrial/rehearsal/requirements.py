"""What an app or this machine lacks for a rehearsal, a trial step or a fault."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from seatrial.engine import containers
from seatrial.errors import UserError
from seatrial.model.app import App
from seatrial.rehearsal import extensions
from seatrial_emulator.faults.fault import Need
from seatrial_emulator.sandbox import namespaces, podman


def missing_part(app: App, need: Need) -> str:
    """Return a sentence where the app has no ``need`` (empty: no service), else nothing."""
    services = app.services.values()
    uses = {use.name for service in services for use in service.uses}
    present = {
        "": bool(services),
        "secret": any(name in app.secrets or name in app.databases for name in uses),
        "database": bool(app.databases),
        "public": any(service.port is not None and service.public for service in services),
    }
    sentences = {
        "": "the app has no service",
        "secret": "no service of the app uses a secret",
        "database": "the app has no database",
        "public": "no service of the app has a health check",
    }
    return "" if present[need] else sentences[need]


def refuse_engine(engine: str) -> None:
    """Raise UserError where this machine cannot run a rehearsal's containers."""
    containers.find(engine)
    requirements = (
        ("podman", podman.command() is not None),
        ("Linux namespaces", namespaces.available()),
        ("root", os.geteuid() == 0),
    )
    missing = [name for name, present in requirements if not present]
    if missing:
        raise UserError.of(
            "rehearsal-engine",
            f"a rehearsal with containers needs {' and '.join(missing)}",
            "Rehearse without containers: `seatrial up --engine process`.",
        )


def refuse_images(app: App) -> None:
    """Raise UserError where a service runs a ready-made image: that needs a container engine."""
    for name, service in app.services.items():
        if service.image:
            raise UserError.of(
                "rehearsal-image",
                f"service `{name}` runs a ready-made image, which needs a container engine",
                "Pass `--engine podman`, or build it from source in an overlay: `build: ./folder`.",
                f"services.{name}.image",
            )


def missing_extensions(app: App, folder: Path) -> Iterator[str]:
    """Yield what the migrations of ``folder``'s builds create and this machine's servers lack."""
    for name, database in sorted(app.databases.items()):
        users = [s for s in app.services.values() if any(use.name == name for use in s.uses)]
        builds = {(folder / service.build.context).resolve() for service in users if service.build}
        if database.engine == "postgres" and (text := extensions.missing(database.version, builds)):
            yield f"database {name}: {text}"
