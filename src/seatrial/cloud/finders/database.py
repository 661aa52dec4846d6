"""Databases, their parameters and subnets."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session

_ENDING = ("deleting", "deleted")  # what is being deleted is listed for a while


def _database(session: Session, body: Body, mine: Tags) -> str | None:
    rds, name = session.client("rds"), body["identifier"]
    row = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    if row["DBInstanceStatus"] in _ENDING:
        return None
    return str(name) if mine.items() <= tags(row.get("TagList")).items() else None


def _parameters(session: Session, body: Body, _: Tags) -> str | None:
    session.client("rds").describe_db_parameter_groups(DBParameterGroupName=body["name"])
    return str(body["name"])


def _subnets(session: Session, body: Body, _: Tags) -> str | None:
    session.client("rds").describe_db_subnet_groups(DBSubnetGroupName=body["name"])
    return str(body["name"])


FINDERS: dict[str, Finder] = {
    "aws_db_instance": _database,
    "aws_db_parameter_group": _parameters,
    "aws_db_subnet_group": _subnets,
}
