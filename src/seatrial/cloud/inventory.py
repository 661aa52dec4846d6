"""What an account still holds of an environment, found by tag; and taking objects out of buckets.

Terraform's state says what it made; this asks the services themselves, because what a state lost
is what nobody deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from seatrial.cloud.finder import tags
from seatrial.cloud.session import Session, aws_errors, code

Tags = dict[str, str]
Row = tuple[str, str, Tags]
KINDS = (
    "NAT gateway",
    "public address",
    "VPC endpoint",
    "VPC",
    "security group",
    "load balancer",
    "target group",
    "CloudFront distribution",
    "database",
    "cluster",
    "image repository",
    "bucket",
    "secret",
    "log group",
    "cache",
    "queue",
    "user pool",
    "hosted zone",
    "alarm",
)


@dataclass(frozen=True)
class Thing:
    """One thing that exists; ``kind`` is AWS's word for it."""

    kind: str
    name: str


def find(session: Session, app: str, environment: str) -> list[Thing]:
    """Return everything billable that carries an environment's tags; snapshots are not in it."""
    wanted = {"seatrial:app": app, "seatrial:environment": environment}
    found = []
    with aws_errors("to list what is left"):
        for look in LOOKS:
            found += [Thing(k, n) for k, n, own in look(session) if wanted.items() <= own.items()]
        for look in AROUND:
            rows = _if_allowed(look, session)
            found += [Thing(k, n) for k, n, own in rows if wanted.items() <= own.items()]
    return found


def _if_allowed(look: Callable[[Session], Iterator[Row]], session: Session) -> list[Row]:
    """Who may not look at a service at all cannot have made anything there."""
    try:
        return list(look(session))
    except ClientError as error:
        if "AccessDenied" in code(error):
            return []
        raise


def _network(session: Session) -> Iterator[Row]:
    ec2 = session.client("ec2")
    for row in ec2.describe_nat_gateways()["NatGateways"]:
        if row["State"] not in ("deleted", "deleting"):
            yield "NAT gateway", row["NatGatewayId"], tags(row.get("Tags"))
    for row in ec2.describe_addresses()["Addresses"]:
        yield "public address", row["AllocationId"], tags(row.get("Tags"))
    for row in ec2.describe_vpc_endpoints()["VpcEndpoints"]:
        if row["State"].lower() not in ("deleted", "deleting"):
            yield "VPC endpoint", row["VpcEndpointId"], tags(row.get("Tags"))
    for row in ec2.describe_vpcs()["Vpcs"]:
        yield "VPC", row["VpcId"], tags(row.get("Tags"))
    for row in ec2.describe_security_groups()["SecurityGroups"]:
        yield "security group", row["GroupId"], tags(row.get("Tags"))


def _balancers(session: Session) -> Iterator[Row]:
    elb = session.client("elbv2")
    arns = [row["LoadBalancerArn"] for row in elb.describe_load_balancers()["LoadBalancers"]]
    arns += [row["TargetGroupArn"] for row in elb.describe_target_groups()["TargetGroups"]]
    for start in range(0, len(arns), 20):  # the API takes twenty at a time
        rows = elb.describe_tags(ResourceArns=arns[start : start + 20])["TagDescriptions"]
        for row in rows:
            kind = "load balancer" if ":loadbalancer/" in row["ResourceArn"] else "target group"
            yield kind, row["ResourceArn"], tags(row["Tags"])
    cdn = session.client("cloudfront")
    listed = cdn.list_distributions()["DistributionList"]
    for item in listed.get("Items", []):
        found = cdn.list_tags_for_resource(Resource=item["ARN"])["Tags"]["Items"]
        yield "CloudFront distribution", item["Id"], tags(found)


def _databases(session: Session) -> Iterator[Row]:
    pages = session.client("rds").get_paginator("describe_db_instances").paginate()
    for page in pages:
        for row in page["DBInstances"]:
            yield "database", row["DBInstanceIdentifier"], tags(row.get("TagList"))


def _services(session: Session) -> Iterator[Row]:
    ecs = session.client("ecs")
    for arn in ecs.list_clusters()["clusterArns"]:
        row = ecs.describe_clusters(clusters=[arn], include=["TAGS"])["clusters"][0]
        if row["status"] == "ACTIVE":
            yield "cluster", row["clusterName"], tags(row.get("tags"))
    for page in session.client("ecr").get_paginator("describe_repositories").paginate():
        for row in page["repositories"]:
            found = session.client("ecr").list_tags_for_resource(resourceArn=row["repositoryArn"])
            yield "image repository", row["repositoryName"], tags(found["tags"])


def _storage(session: Session) -> Iterator[Row]:
    s3 = session.client("s3")
    for row in s3.list_buckets()["Buckets"]:
        try:
            found = s3.get_bucket_tagging(Bucket=row["Name"])["TagSet"]
        except s3.exceptions.ClientError:  # AWS's way of saying that a bucket has no tags
            continue
        yield "bucket", row["Name"], tags(found)


def _secrets(session: Session) -> Iterator[Row]:
    for page in session.client("secretsmanager").get_paginator("list_secrets").paginate():
        for row in page["SecretList"]:
            yield "secret", row["Name"], tags(row.get("Tags"))


def _logs(session: Session) -> Iterator[Row]:
    logs = session.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for row in page["logGroups"]:
            arn = row["arn"].removesuffix(":*")
            own = logs.list_tags_for_resource(resourceArn=arn)["tags"]
            yield "log group", row["logGroupName"], dict(own)


def _caches(session: Session) -> Iterator[Row]:
    cache = session.client("elasticache")
    for page in cache.get_paginator("describe_replication_groups").paginate():
        for row in page["ReplicationGroups"]:
            if row["Status"] != "deleting":
                found = cache.list_tags_for_resource(ResourceName=row["ARN"])["TagList"]
                yield "cache", row["ReplicationGroupId"], tags(found)


def _queues(session: Session) -> Iterator[Row]:
    sqs = session.client("sqs")
    for page in sqs.get_paginator("list_queues").paginate():
        for url in page.get("QueueUrls", []):
            yield "queue", url, dict(sqs.list_queue_tags(QueueUrl=url).get("Tags", {}))


def _users(session: Session) -> Iterator[Row]:
    cognito = session.client("cognito-idp")
    for page in cognito.get_paginator("list_user_pools").paginate(MaxResults=60):
        for row in page["UserPools"]:
            pool = cognito.describe_user_pool(UserPoolId=row["Id"])["UserPool"]
            yield "user pool", row["Id"], dict(pool.get("UserPoolTags", {}))


def _zones(session: Session) -> Iterator[Row]:
    dns = session.client("route53")
    for page in dns.get_paginator("list_hosted_zones").paginate():
        for row in page["HostedZones"]:
            name = row["Id"].rpartition("/")[2]
            found = dns.list_tags_for_resource(ResourceType="hostedzone", ResourceId=name)
            yield "hosted zone", row["Name"], tags(found["ResourceTagSet"].get("Tags"))


def _alarms(session: Session) -> Iterator[Row]:
    watch = session.client("cloudwatch")
    for page in watch.get_paginator("describe_alarms").paginate():
        for row in page["MetricAlarms"]:
            found = watch.list_tags_for_resource(ResourceARN=row["AlarmArn"])["Tags"]
            yield "alarm", row["AlarmName"], tags(found)


LOOKS = (
    _network,
    _balancers,
    _databases,
    _services,
    _storage,
    _secrets,
    _logs,
)
AROUND = (
    _caches,
    _queues,
    _users,
    _zones,
    _alarms,
)


def export(session: Session, bucket: str, into: Path) -> int:
    """Download a bucket's objects into a folder, each under its quoted key; return how many."""
    s3, count = session.client("s3"), 0
    into.mkdir(parents=True, exist_ok=True)
    with aws_errors(f"to export {bucket}"):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for row in page.get("Contents", []):
                s3.download_file(bucket, row["Key"], str(into / quote(row["Key"], safe="")))
                count += 1
    return count


def objects(session: Session, bucket: str) -> tuple[int, int]:
    """Return how many objects a bucket holds, and their bytes."""
    count = size = 0
    pages: Any = session.client("s3").get_paginator("list_objects_v2")
    with aws_errors(f"to count the objects of {bucket}"):
        for page in pages.paginate(Bucket=bucket):
            for row in page.get("Contents", []):
                count, size = count + 1, size + int(row["Size"])
    return count, size
