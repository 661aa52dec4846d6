"""A database: its instance, its disk, its backups, and what an old version costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seatrial.cost.case import Assumption, Case, Costs, Question
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.model.app import App
from seatrial.model.database import ENGINES
from seatrial.resources.graph import Resource

RDS_CPUS = 2  # of every burstable class up to large (RDS user guide, "DB instance classes")
SNAPSHOTS = Assumption(
    "snapshots", 0, "GB of backups and snapshots beyond its storage, each database"
)


def _database(case: Case, resource: Resource) -> Iterator[Line]:
    body = resource.body
    zones = "multi" if body.get("multi_az") else "single"
    engine, size = body["engine"], body["instance_class"]
    stored = int(body["allocated_storage"])
    most = int(body.get("max_allocated_storage", stored))
    yield case.line(resource, f"{size}, {zones}-AZ", HOURS, f"rds.{engine}.{size}.{zones}")
    yield case.line(resource, "storage", stored, f"rds.gp3.{zones}", most)
    # Backups up to the size of the storage are free (RDS pricing, "Backup storage").
    yield case.line(resource, "backups beyond", case.of(SNAPSHOTS), "rds.backup.gb")
    end = ENGINES[str(engine)].ends.get(str(body["engine_version"]))
    enrolled = not str(body.get("engine_lifecycle_support", "")).endswith("-disabled")
    if enrolled and end and date.fromisoformat(case.prices.dated) > end:
        cpus = RDS_CPUS * (2 if zones == "multi" else 1)
        item = f"Extended Support of version {body['engine_version']}"
        yield case.line(resource, item, HOURS * cpus, "rds.extended_support.y1_2")


def _questions(app: App) -> Iterator[Question]:
    for database in app.databases.values():
        zones = "multi" if database.multi_az else "single"
        attributes = (
            ("databaseEngine", database.offer.title),
            ("deploymentOption", "Multi-AZ" if database.multi_az else "Single-AZ"),
            ("instanceType", database.class_),
        )
        key = f"rds.{database.engine}.{database.class_}.{zones}"
        yield Question(key, "AmazonRDS", attributes)


COSTS = Costs(
    section="databases",
    rules={"aws_db_instance": _database},
    free=frozenset({"aws_db_parameter_group", "aws_db_subnet_group"}),
    assumptions=(SNAPSHOTS,),
    questions=_questions,
)
