"""Does a resource that Terraform would create exist already? Its import ID where it does.

Asked only after a Terraform was killed in the middle of its calls: what AWS made and no state knows
is found by name and by the environment's tags. Import IDs are those of the AWS provider's
documentation, section "Import" of each resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud import existing_around
from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session, aws_errors, code

_ENDING = ("deleting", "deleted")  # what is on its way out is listed for a while
_ABSENT = ("NotFound", "NoSuch", "DoesNotExist", "NonExistent", "Nonexistent", "NotExist")


class _PointlessError(LookupError):
    """What a resource would be found by is not known yet, so the resource is not there either."""


class _Known(dict[str, Any]):
    """A body of which only what is known can be asked for."""

    def __getitem__(self, key: str) -> Any:
        found = super().__getitem__(key)
        if found is None:
            raise _PointlessError(key)
        return found


def find(session: Session, kind: str, body: Body, mine: Tags) -> str | None:
    """Return the import ID of a resource of Terraform's type ``kind``, None where it is not there.

    ``body`` is its configuration with every reference resolved (None where that cannot be yet),
    ``mine`` are the tags that it must carry where it can carry any.
    """
    finder = FINDERS.get(kind)
    if finder is None:
        return None
    with aws_errors("to look for what an interrupted run made"):
        try:
            return finder(session, _Known(body), mine)
        except _PointlessError:
            return None
        except ClientError as error:
            if any(word in code(error) for word in _ABSENT):
                return None
            raise


def _ec2(operation: str, rows: str, identity: str) -> Finder:
    """Return a finder for what has no name but its tag ``Name``."""

    def finder(session: Session, body: Body, mine: Tags) -> str | None:
        wanted = {**mine, **body.get("tags", {})}
        if "Name" not in wanted:
            return None
        filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in wanted.items()]
        found = getattr(session.client("ec2"), operation)(Filters=filters)[rows]
        alive = [row for row in found if str(row.get("State", "")).lower() not in _ENDING]
        return str(alive[0][identity]) if alive else None

    return finder


def _group(session: Session, body: Body, mine: Tags) -> str | None:
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in mine.items()]
    filters.append({"Name": "group-name", "Values": [body["name"]]})
    found = session.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return str(found[0]["GroupId"]) if found else None


def _rule(*, egress: bool) -> Finder:
    """Return a finder for a rule of a security group: the same ports to or from the same."""

    def finder(session: Session, body: Body, _: Tags) -> str | None:
        filters = [{"Name": "group-id", "Values": [body["security_group_id"]]}]
        ec2 = session.client("ec2")
        for row in ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]:
            if row["IsEgress"] is egress and _alike(row, body):
                return str(row["SecurityGroupRuleId"])
        return None

    return finder


def _alike(row: Mapping[str, Any], body: Body) -> bool:
    def port(name: str, key: str) -> bool:
        return str(row.get(name, -1)) == str(body.get(key, -1))

    return (
        row["IpProtocol"] == str(body["ip_protocol"])
        and port("FromPort", "from_port")
        and port("ToPort", "to_port")
        and row.get("CidrIpv4") == body.get("cidr_ipv4")
        and _listed(row) == _listed(body)
        and row.get("ReferencedGroupInfo", {}).get("GroupId")
        == body.get("referenced_security_group_id")
    )


def _listed(row: Mapping[str, Any]) -> bool:
    """A rule names one prefix list at most, and which one may not be resolved yet."""
    return "PrefixListId" in row or "prefix_list_id" in row


def _route(session: Session, body: Body, _: Tags) -> str | None:
    table, to = body["route_table_id"], body["destination_cidr_block"]
    rows = session.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]
    there = any(route.get("DestinationCidrBlock") == to for route in rows[0]["Routes"])
    return f"{table}_{to}" if there else None


def _association(session: Session, body: Body, _: Tags) -> str | None:
    table, subnet = body["route_table_id"], body["subnet_id"]
    rows = session.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]
    there = any(row.get("SubnetId") == subnet for row in rows[0]["Associations"])
    return f"{subnet}/{table}" if there else None


def _balancer(session: Session, body: Body, mine: Tags) -> str | None:
    elb = session.client("elbv2")
    arn = elb.describe_load_balancers(Names=[body["name"]])["LoadBalancers"][0]["LoadBalancerArn"]
    return _tagged_elb(elb, arn, mine)


def _targets(session: Session, body: Body, mine: Tags) -> str | None:
    elb = session.client("elbv2")
    arn = elb.describe_target_groups(Names=[body["name"]])["TargetGroups"][0]["TargetGroupArn"]
    return _tagged_elb(elb, arn, mine)


def _tagged_elb(elb: Any, arn: str, mine: Tags) -> str | None:
    rows = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return arn if mine.items() <= tags(rows[0]["Tags"]).items() else None


def _listener(session: Session, body: Body, _: Tags) -> str | None:
    arn = body["load_balancer_arn"]
    rows = session.client("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"]
    same = (row["ListenerArn"] for row in rows if str(row["Port"]) == str(body["port"]))
    return next(same, None)


def _listener_rule(session: Session, body: Body, _: Tags) -> str | None:
    arn = body["listener_arn"]
    rows = session.client("elbv2").describe_rules(ListenerArn=arn)["Rules"]
    return next((r["RuleArn"] for r in rows if r["Priority"] == str(body["priority"])), None)


def _distribution(session: Session, body: Body, mine: Tags) -> str | None:
    cdn = session.client("cloudfront")
    for row in cdn.list_distributions()["DistributionList"].get("Items", []):
        if row.get("Comment") == body["comment"]:
            own = cdn.list_tags_for_resource(Resource=row["ARN"])["Tags"]["Items"]
            if mine.items() <= tags(own).items():
                return str(row["Id"])
    return None


def _vpc_origin(session: Session, body: Body, _: Tags) -> str | None:
    name = body["vpc_origin_endpoint_config"][0]["name"]
    rows = session.client("cloudfront").list_vpc_origins()["VpcOriginList"].get("Items", [])
    return next((str(row["Id"]) for row in rows if row["Name"] == name), None)


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


def _service(session: Session, body: Body, _: Tags) -> str | None:
    cluster = str(body["cluster"]).rsplit("/", 1)[-1]
    ecs = session.client("ecs")
    rows = ecs.describe_services(cluster=cluster, services=[body["name"]])["services"]
    alive = any(row["status"] == "ACTIVE" for row in rows)
    return f"{cluster}/{body['name']}" if alive else None


def _log_group(session: Session, body: Body, _: Tags) -> str | None:
    name = body["name"]
    rows = session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return name if any(row["logGroupName"] == name for row in rows) else None


def _role(session: Session, body: Body, mine: Tags) -> str | None:
    row = session.client("iam").get_role(RoleName=body["name"])["Role"]
    return str(body["name"]) if mine.items() <= tags(row.get("Tags")).items() else None


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


def _bucket(session: Session, body: Body, mine: Tags) -> str | None:
    rows = session.client("s3").get_bucket_tagging(Bucket=body["bucket"])["TagSet"]
    return str(body["bucket"]) if mine.items() <= tags(rows).items() else None


def _secret(session: Session, body: Body, mine: Tags) -> str | None:
    row = session.client("secretsmanager").describe_secret(SecretId=body["name"])
    if "DeletedDate" in row or not mine.items() <= tags(row.get("Tags")).items():
        return None
    return str(row["ARN"])


def _schedules(session: Session, body: Body, _: Tags) -> str | None:
    session.client("scheduler").get_schedule_group(Name=body["name"])
    return str(body["name"])


def _schedule(session: Session, body: Body, _: Tags) -> str | None:
    session.client("scheduler").get_schedule(GroupName=body["group_name"], Name=body["name"])
    return f"{body['group_name']}/{body['name']}"


FINDERS: dict[str, Finder] = {
    "aws_vpc": _ec2("describe_vpcs", "Vpcs", "VpcId"),
    "aws_internet_gateway": _ec2(
        "describe_internet_gateways", "InternetGateways", "InternetGatewayId"
    ),
    "aws_subnet": _ec2("describe_subnets", "Subnets", "SubnetId"),
    "aws_route_table": _ec2("describe_route_tables", "RouteTables", "RouteTableId"),
    "aws_eip": _ec2("describe_addresses", "Addresses", "AllocationId"),
    "aws_nat_gateway": _ec2("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "aws_vpc_endpoint": _ec2("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "aws_route": _route,
    "aws_route_table_association": _association,
    "aws_security_group": _group,
    "aws_vpc_security_group_ingress_rule": _rule(egress=False),
    "aws_vpc_security_group_egress_rule": _rule(egress=True),
    "aws_lb": _balancer,
    "aws_lb_target_group": _targets,
    "aws_lb_listener": _listener,
    "aws_lb_listener_rule": _listener_rule,
    "aws_cloudfront_distribution": _distribution,
    "aws_cloudfront_vpc_origin": _vpc_origin,
    "aws_ecr_repository": _repository,
    "aws_ecs_cluster": _cluster,
    "aws_ecs_service": _service,
    "aws_cloudwatch_log_group": _log_group,
    "aws_iam_role": _role,
    "aws_db_instance": _database,
    "aws_db_parameter_group": _parameters,
    "aws_db_subnet_group": _subnets,
    "aws_s3_bucket": _bucket,
    "aws_secretsmanager_secret": _secret,
    "aws_scheduler_schedule_group": _schedules,
    "aws_scheduler_schedule": _schedule,
    **existing_around.FINDERS,
}
