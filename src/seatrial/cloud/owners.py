"""The owner of a resource whose tags have an API of their own, or that has only a name."""

from __future__ import annotations

from botocore.exceptions import ClientError

from seatrial.cloud.finder import tags
from seatrial.cloud.listing import EVERYWHERE, Owner, Row, Scope
from seatrial.cloud.session import Session, code


def balancer(session: Session, scope: Scope, row: Row) -> bool:
    """Ask for the tags of a balancer or a target group: the call takes a list."""
    arn = row.get("TargetGroupArn") or row["LoadBalancerArn"]
    found = session.at(scope.region, "elbv2").describe_tags(ResourceArns=[arn])
    return scope.owns(tags(found["TagDescriptions"][0]["Tags"]))


def cluster(session: Session, scope: Scope, row: Row) -> bool:
    """Ask for a cluster's tags; one that was deleted is INACTIVE for a while."""
    ecs = session.at(scope.region, "ecs")
    found = ecs.describe_clusters(clusters=[row["arn"]], include=["TAGS"])["clusters"]
    return any(one["status"] == "ACTIVE" and scope.owns(tags(one.get("tags"))) for one in found)


def family(_: Session, scope: Scope, row: Row) -> bool:
    """Judge a task definition by its family."""
    return scope.names(str(row["arn"]).rpartition("/")[2].partition(":")[0])


def service(_: Session, scope: Scope, row: Row) -> bool:
    """Judge a scalable target by its service's cluster."""
    return scope.names(str(row["ResourceId"]).split("/")[1])


def bucket(session: Session, scope: Scope, row: Row) -> bool:
    """Ask for a bucket's tags; other people's buckets may refuse to tell theirs."""
    try:
        found = session.at(scope.region, "s3").get_bucket_tagging(Bucket=row["Name"])
    except ClientError as error:
        if code(error) in ("NoSuchTagSet", "NoSuchBucket") or not scope.names(str(row["Name"])):
            return False
        raise
    return scope.owns(tags(found["TagSet"]))


def log_group(session: Session, scope: Scope, row: Row) -> bool:
    """Judge by name first: AWS makes groups without tags (Container Insights, exported logs)."""
    name = str(row["logGroupName"])
    if name.startswith((f"/{scope.app}/{scope.environment}/", f"aws-waf-logs-{scope.prefix}-")):
        return True
    if name.startswith(("/aws/ecs/containerinsights/", "/aws/rds/instance/")):
        return scope.names(name.split("/")[4])
    arn = str(row["arn"]).removesuffix(":*")
    found = session.at(scope.region, "logs").list_tags_for_resource(resourceArn=arn)
    return scope.owns(found["tags"])


def route53(kind: str) -> Owner:
    """Return who owns a hosted zone or a health check."""

    def owner(session: Session, scope: Scope, row: Row) -> bool:
        name = str(row["Id"]).rpartition("/")[2]
        dns = session.at(EVERYWHERE, "route53")
        found = dns.list_tags_for_resource(ResourceType=kind, ResourceId=name)
        return scope.owns(tags(found["ResourceTagSet"].get("Tags")))

    return owner
