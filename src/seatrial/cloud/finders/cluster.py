"""The cluster, repositories, log groups and roles."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session


def _repository(session: Session, body: Body, mine: Tags) -> str | None:
    ecr = session.client("ecr")
    row = ecr.describe_repositories(repositoryNames=[body["name"]])["repositories"][0]
    own = tags(ecr.list_tags_for_resource(resourceArn=row["repositoryArn"])["tags"])
    return str(body["name"]) if mine.items() <= own.items() else None


def _cluster(session: Session, body: Body, mine: Tags) -> str | None:
    ecs = session.client("ecs")
    rows = ecs.describe_clusters(clusters=[body["name"]], include=["TAGS"])["clusters"]
    alive = [r for r in rows if r["status"] == "ACTIVE"]
    there = alive and mine.items() <= tags(alive[0].get("tags")).items()
    return str(body["name"]) if there else None


def _log_group(session: Session, body: Body, _: Tags) -> str | None:
    name = body["name"]
    rows = session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return name if any(row["logGroupName"] == name for row in rows) else None


def _role(session: Session, body: Body, mine: Tags) -> str | None:
    row = session.client("iam").get_role(RoleName=body["name"])["Role"]
    return str(body["name"]) if mine.items() <= tags(row.get("Tags")).items() else None


FINDERS: dict[str, Finder] = {
    "aws_ecr_repository": _repository,
    "aws_ecs_cluster": _cluster,
    "aws_cloudwatch_log_group": _log_group,
    "aws_iam_role": _role,
}
