"""What a doctor asks of ECS, the load balancer and the network: AWS's own records, nothing changed.

Records are returned as boto3 gives them; what is not there is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors, code

Row = Mapping[str, Any]
GLOBAL = "us-east-1"  # the region of what CloudFront uses


def definition(session: Session, arn: str) -> Row:
    """Return a task definition."""
    with aws_errors(f"to look at {arn}"):
        answer = session.client("ecs").describe_task_definition(taskDefinition=arn)
    return answer["taskDefinition"]


def newest_deployment(session: Session, cluster: str, service: str) -> Row:
    """Return the newest service deployment: its status, rollback, circuit breaker and alarms.

    ``previousAt`` is when the one before was created; empty without a deployment.
    """
    ecs = session.client("ecs")
    with aws_errors(f"to look at the deployments of {service}"):
        listed = ecs.list_service_deployments(cluster=cluster, service=service)
        rows = sorted(listed["serviceDeployments"], key=lambda row: row["createdAt"])
        if not rows:
            return {}
        arn = rows[-1]["serviceDeploymentArn"]
        found = ecs.describe_service_deployments(serviceDeploymentArns=[arn])
    newest: Row = next(iter(found["serviceDeployments"]), {})
    return {**newest, "createdAt": rows[-1]["createdAt"], "previousAt": rows[-2:][0]["createdAt"]}


def running_tasks(session: Session, cluster: str, service: str) -> list[Row]:
    """Return the tasks of a service that run or start."""
    ecs = session.client("ecs")
    with aws_errors(f"to look at the tasks of {service}"):
        listed = ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus="RUNNING")
        if not (arns := listed["taskArns"]):
            return []
        return list(ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"])


def log_group(session: Session, name: str) -> bool:
    """Return whether a log group exists."""
    with aws_errors(f"to look for the log group {name}"):
        rows = session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(row["logGroupName"] == name for row in rows)


def target_group(session: Session, arn: str) -> tuple[Row, list[Row], bool]:
    """Return a target group, its targets' health, and whether it keeps browsers at one task."""
    elb = session.client("elbv2")
    with aws_errors(f"to look at the target group {arn}"):
        group = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
        targets = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        rows = elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    sticky = any(r.get("Key") == "stickiness.enabled" and r.get("Value") == "true" for r in rows)
    return group, list(targets), sticky


def listeners(session: Session, balancers: Iterable[str]) -> Iterator[tuple[str, Row]]:
    """Yield the host of each load balancer with each of its listeners."""
    elb = session.client("elbv2")
    for arn in balancers:
        with aws_errors(f"to look at the load balancer {arn}"):
            host = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
            rows = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        yield from ((host["DNSName"], row) for row in rows)


def balancer_groups(session: Session, balancers: Iterable[str]) -> set[str]:
    """Return the security groups of load balancers."""
    if not (arns := list(balancers)):
        return set()
    with aws_errors("to look at load balancers"):
        rows = session.client("elbv2").describe_load_balancers(LoadBalancerArns=arns)
    return {group for row in rows["LoadBalancers"] for group in row.get("SecurityGroups", ())}


def subnets(session: Session, names: list[str]) -> list[Row]:
    """Return subnets."""
    with aws_errors("to look at subnets"):
        return list(session.client("ec2").describe_subnets(SubnetIds=names)["Subnets"])


def of_vpc(session: Session, vpc: str) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the route tables, NAT gateways and endpoints of a VPC."""
    ec2 = session.client("ec2")
    inside: Any = [{"Name": "vpc-id", "Values": [vpc]}]
    with aws_errors(f"to look at the network {vpc}"):
        tables = ec2.describe_route_tables(Filters=inside)["RouteTables"]
        gateways = ec2.describe_nat_gateways(Filters=inside)["NatGateways"]
        endpoints = ec2.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"]
    return list(tables), list(gateways), list(endpoints)


def groups(session: Session, names: list[str]) -> list[Row]:
    """Return security groups with their rules."""
    if not names:
        return []
    with aws_errors("to look at security groups"):
        found = session.client("ec2").describe_security_groups(GroupIds=names)
    return list(found["SecurityGroups"])


def instance(session: Session, identifier: str) -> Row:
    """Return a database instance; empty where there is none."""
    with aws_errors(f"to look at the database {identifier}"):
        try:
            rows = session.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
        except ClientError as error:
            if code(error).startswith("DBInstanceNotFound"):
                return {}
            raise
    return (rows["DBInstances"] or [{}])[0]


def database_events(session: Session, identifier: str) -> list[str]:
    """Return what RDS wrote about an instance in a day, the oldest first."""
    with aws_errors(f"to read the events of the database {identifier}"):
        found = session.client("rds").describe_events(
            SourceType="db-instance", SourceIdentifier=identifier, Duration=1440
        )
    return [str(row.get("Message", "")) for row in found["Events"]]


def certificates(session: Session, domain: str) -> Iterator[Row]:
    """Yield the certificates of a domain, in the app's region and in CloudFront's."""
    for region in dict.fromkeys((session.target.region, GLOBAL)):
        acm = session.at(region, "acm")
        with aws_errors("to look at certificates"):
            for page in acm.get_paginator("list_certificates").paginate():
                for row in page["CertificateSummaryList"]:
                    if row["DomainName"] == domain:
                        arn = row["CertificateArn"]
                        yield acm.describe_certificate(CertificateArn=arn)["Certificate"]


def pool_clients(session: Session, pool: str) -> Iterator[Row]:
    """Yield the app clients of the pools of users of this name."""
    cognito = session.client("cognito-idp")
    with aws_errors("to look at the pool of users"):
        for found in cognito.list_user_pools(MaxResults=60)["UserPools"]:
            if found.get("Name") != pool:
                continue
            rows = cognito.list_user_pool_clients(UserPoolId=found["Id"], MaxResults=60)
            for row in rows["UserPoolClients"]:
                answer = cognito.describe_user_pool_client(
                    UserPoolId=found["Id"], ClientId=row["ClientId"]
                )
                yield answer["UserPoolClient"]


def cached(session: Session, bucket: str, key: str) -> str | None:
    """Return an object's Cache-Control; None where there is no such object."""
    with aws_errors(f"to look at {key} of {bucket}"):
        try:
            found = session.client("s3").head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if code(error) in ("404", "NoSuchKey", "NotFound", "NoSuchBucket"):
                return None
            raise
    return str(found.get("CacheControl", ""))
