"""Migrations: one task with the new image, before its service takes traffic."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from seatrial.cloud import logs, services
from seatrial.cloud.session import Session
from seatrial.diagnosis import catalogue
from seatrial.errors import UserError
from seatrial.events import Emit, Note, TaskChanged
from seatrial.model.app import App
from seatrial.ops.release import record
from seatrial.ops.release.operation import Destination, Operation, locked_operation
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph, Ref
from seatrial.terraform.document import handle

LINES = 15
PATIENCE = 60.0  # seconds of a migration until its last line is shown; then each time twice as long


def migrate(app: App, place: Destination, emit: Emit) -> dict[str, float]:
    """Run the serving release's migrations again; returns the seconds by step.

    Raises UserError with the last lines of one that fails.
    """
    with locked_operation(app, place, "seatrial migrate", emit) as work:
        app = record.app_of(work.served(), app.environment)
        with work.steps.step("migrate"):
            every(work, graph(app), [n for n, s in sorted(app.services.items()) if s.migrate])
        return work.steps.seconds


def every(work: Operation, wanted: Graph, names: list[str]) -> None:
    """Run the migrations of these services, one after the other."""
    for name in names:
        run(work.session, wanted, name, work.values["foundation"], work.emit)


def run(session: Session, wanted: Graph, service: str, outputs: dict[str, Any], emit: Emit) -> None:
    """Run a service's migration and wait for it; raises UserError with its last lines."""
    body = wanted.by_address[("aws_ecs_service", service)].body
    definition = wanted.by_address[("aws_ecs_task_definition", f"{service}_migrate")].body
    network = body["network_configuration"][0]

    def resolved(ref: Ref) -> str:
        return str(outputs[handle(wanted.by_address[ref.address])][ref.attribute])

    arn = services.run(
        session,
        outputs["ecs_cluster_main"]["name"],
        definition["family"],
        {
            "subnets": [resolved(ref) for ref in network["subnets"]],
            "securityGroups": [resolved(ref) for ref in network["security_groups"]],
            "assignPublicIp": "ENABLED" if network["assign_public_ip"] else "DISABLED",
        },
    )
    emit(TaskChanged(service, arn, "migrating"))
    group = f"/{wanted.app}/{wanted.environment}/{service}"
    stream = logs.stream(f"{service}_migrate", service, arn.rsplit("/", 1)[-1])

    def last(count: int) -> list[str]:
        return logs.tail(session, group, stream, count)

    cluster = outputs["ecs_cluster_main"]["name"]
    ended = services.wait_stopped(session, cluster, arn, _teller(service, last, emit))
    if ended.exit_code != 0:
        output = last(LINES)
        code = f" (exit code {ended.exit_code})" if ended.exit_code is not None else ""
        raise UserError.of(
            "migration-failed",
            f"the migration of `{service}` failed: {ended.reason}{code}\n"
            + "\n".join(f"    {line}" for line in output),
            "The new version gets no traffic. "
            + (
                catalogue.fix_of("\n".join([ended.reason, *output]), service)
                or "Fix the migration and deploy again."
            ),
            f"services.{service}.migrate",
        )


def _teller(service: str, last: Callable[[int], list[str]], emit: Emit) -> Callable[[float], None]:
    """Return what says now and then that a migration still runs, and what it wrote last."""
    due = PATIENCE

    def tell(seconds: float) -> None:
        nonlocal due
        if seconds < due:
            return
        due *= 2
        written = "".join(f"; its last line: {line}" for line in last(1)) or "; it wrote nothing"
        doubt = ' (does it serve? An ENTRYPOINT must end in `exec "$@"`, or it ignores `migrate`)'
        text = f"the migration of `{service}` still runs after {seconds:.0f} s{written}{doubt}"
        emit(Note(text, warning=True))

    return tell


def restart(
    session: Session, app: App, cluster: str, nouns: set[str], *, replaced: Set[str] = frozenset()
) -> list[str]:
    """Replace the tasks of services that were given a value which has changed; return them.

    ``replaced`` are services whose tasks are being replaced already.
    """
    names = [
        name
        for name, service in sorted(app.services.items())
        if name not in replaced and any(use.name in nouns for use in service.uses)
    ]
    for name in names:
        services.force(session, cluster, name)
    return names
