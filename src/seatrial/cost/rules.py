"""What each kind of resource costs, and which cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seatrial.cost import around
from seatrial.cost.case import Case, Rule
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.model.database import ENGINES
from seatrial.resources.graph import Resource

# Created, kept and destroyed for nothing (each service's pricing page).
FREE = {
    "aws_acm_certificate",
    "aws_acm_certificate_validation",
    "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
    "aws_budgets_budget",
    "aws_chatbot_slack_channel_configuration",
    "aws_cloudfront_function",
    "aws_cloudfront_origin_access_control",
    "aws_cloudfront_response_headers_policy",
    "aws_cloudfront_vpc_origin",
    "aws_cognito_user_pool_client",
    "aws_cognito_user_pool_domain",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_security_group",
    "aws_ecr_lifecycle_policy",
    "aws_ecs_cluster",
    "aws_ecs_cluster_capacity_providers",
    "aws_ecs_task_definition",
    "aws_elasticache_subnet_group",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_internet_gateway",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_route",
    "aws_route53_record",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_scheduler_schedule_group",
    "aws_security_group",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
    "aws_sqs_queue_policy",
    "aws_subnet",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_wafv2_web_acl_association",
}
FREE_EGRESS = 100  # GB a month and account to the internet (EC2 pricing, "Data transfer")
FREE_CDN = 1024, 10  # GB and million requests a month from CloudFront (its pricing, free tier)
RDS_CPUS = 2  # of every burstable class up to large (RDS user guide, "DB instance classes")


def _service(case: Case, resource: Resource) -> Iterator[Line]:
    target = case.graph.by_address.get(("aws_appautoscaling_target", resource.name))
    fewest = most = int(resource.body["desired_count"])
    if target is not None:
        fewest, most = int(target.body["min_capacity"]), int(target.body["max_capacity"])
    low, high = _shares(resource, fewest), _shares(resource, most)
    for spot in (False, True):
        if high[spot]:
            name = resource.name
            yield from _tasks(
                case, resource, name, HOURS * low[spot], HOURS * high[spot], spot=spot
            )
    if resource.body["network_configuration"][0].get("assign_public_ip"):
        hours = HOURS * fewest
        yield case.line(resource, "public IPv4 of tasks", hours, "ipv4.hour", HOURS * most)


def _shares(resource: Resource, tasks: int) -> tuple[int, int]:
    """Return how many of so many tasks run on Fargate and on Spot, as ECS shares them out."""
    rows = {r["capacity_provider"]: r for r in resource.body["capacity_provider_strategy"]}
    fargate, spot = rows.get("FARGATE", {}), rows.get("FARGATE_SPOT", {})
    base = min(int(fargate.get("base", 0)), tasks)
    whole = int(fargate.get("weight", 0)) + int(spot.get("weight", 0))
    shared = (tasks - base) * int(spot.get("weight", 0)) // whole if whole else 0
    return tasks - shared, shared


def _tasks(
    case: Case,
    resource: Resource,
    definition: str,
    hours: float,
    most: float,
    *,
    spot: bool = False,
) -> Iterator[Line]:
    """Yield what tasks of a definition cost in so many hours of one task."""
    body = case.graph.by_address[("aws_ecs_task_definition", definition)].body
    arm = body["runtime_platform"][0]["cpu_architecture"] == "ARM64"
    kind = f"fargate.{'spot.' if spot else ''}{'arm' if arm else 'x86'}"
    cpu, memory = int(body["cpu"]) / 1024, int(body["memory"]) / 1024
    named = f"Fargate{' Spot' if spot else ''}{', arm64' if arm else ''}"
    yield case.line(resource, f"{named}: vCPU", cpu * hours, f"{kind}.vcpu", cpu * most)
    yield case.line(resource, f"{named}: memory", memory * hours, f"{kind}.gb", memory * most)


def _job(case: Case, resource: Resource) -> Iterator[Line]:
    hours = case.traffic.runs * case.traffic.minutes / 60
    yield from _tasks(case, resource, resource.name, hours, hours)


def _balancer(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "load balancer", HOURS, "alb.hour")
    yield case.line(resource, "load balancer: capacity", HOURS * case.traffic.lcu, "alb.lcu")
    if not resource.body.get("internal"):
        addresses = len(resource.body["subnets"])
        yield case.line(resource, "public IPv4 of the balancer", HOURS * addresses, "ipv4.hour")
        beyond = max(case.traffic.egress - FREE_EGRESS, 0)
        yield case.line(resource, "to the internet", beyond, "egress.internet.gb")


def _cdn(case: Case, resource: Resource) -> Iterator[Line]:
    """The traffic is the app's whole, so each distribution has its part of it."""
    parts = sum(1 for r in case.graph.resources if r.type == resource.type)
    gigabytes = max(case.traffic.egress - FREE_CDN[0], 0) / parts
    requests = max(case.traffic.requests - FREE_CDN[1], 0) / parts
    yield case.line(resource, "CloudFront: to the internet", gigabytes, "cloudfront.gb")
    yield case.line(resource, "CloudFront: requests", requests * 100, "cloudfront.https.10k")


def _gateway(case: Case, resource: Resource) -> Iterator[Line]:
    gateways = sum(1 for r in case.graph.resources if r.type == "aws_nat_gateway")
    yield case.line(resource, "NAT gateway", HOURS, "nat.hour")
    yield case.line(resource, "NAT gateway: data", case.traffic.nat / gateways, "nat.gb")


def _address(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "public IPv4 of the NAT gateway", HOURS, "ipv4.hour")


def _endpoint(case: Case, resource: Resource) -> Iterator[Line]:
    if resource.body["vpc_endpoint_type"] == "Interface":
        zones = len(resource.body["subnet_ids"])
        service = str(resource.body["service_name"]).rsplit(".", 1)[-1]
        yield case.line(resource, f"endpoint {service}", HOURS * zones, "vpce.interface.hour")


def _network(case: Case, resource: Resource) -> Iterator[Line]:
    """What goes to another zone is paid where it leaves and where it arrives."""
    yield case.line(resource, "between zones", 2 * case.traffic.zones, "transfer.interaz.gb")


def _database(case: Case, resource: Resource) -> Iterator[Line]:
    body = resource.body
    zones = "multi" if body.get("multi_az") else "single"
    engine, size = body["engine"], body["instance_class"]
    stored = int(body["allocated_storage"])
    most = int(body.get("max_allocated_storage", stored))
    yield case.line(resource, f"{size}, {zones}-AZ", HOURS, f"rds.{engine}.{size}.{zones}")
    yield case.line(resource, "storage", stored, f"rds.gp3.{zones}", most)
    # Backups up to the size of the storage are free (RDS pricing, "Backup storage").
    yield case.line(resource, "backups beyond", case.traffic.snapshots, "rds.backup.gb")
    end = ENGINES[str(engine)].ends.get(str(body["engine_version"]))
    if end and date.fromisoformat(case.prices.dated) > end:
        cpus = RDS_CPUS * (2 if zones == "multi" else 1)
        item = f"Extended Support of version {body['engine_version']}"
        yield case.line(resource, item, HOURS * cpus, "rds.extended_support.y1_2")


def _bucket(case: Case, resource: Resource) -> Iterator[Line]:
    if not resource.noun.startswith("buckets."):  # a site's files, or logs
        amount = case.traffic.site if resource.noun.startswith("sites.") else case.traffic.flows
        yield case.line(resource, "files kept", amount, "s3.standard.gb")
        return
    yield case.line(resource, "objects", case.traffic.objects, "s3.standard.gb")
    yield case.line(resource, "writes", case.traffic.writes, "s3.put.1k")
    yield case.line(resource, "reads", case.traffic.reads, "s3.get.1k")


def _secret(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "secret", 1, "secrets.secret")


def _logs(case: Case, resource: Resource) -> Iterator[Line]:
    months = int(resource.body.get("retention_in_days", 30)) / 30
    log = resource.name.partition("_")[2]  # a database's, where it sends several
    of = f" of the {log} log" if log else ""
    yield case.line(resource, f"output{of}", case.traffic.logs, "logs.ingest.gb")
    yield case.line(resource, f"output{of} kept", case.traffic.logs * months, "logs.store.gb")


def _repository(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "images", case.traffic.images, "ecr.gb")


RULES: dict[str, Rule] = {
    "aws_vpc": _network,
    "aws_ecs_service": _service,
    "aws_scheduler_schedule": _job,
    "aws_lb": _balancer,
    "aws_cloudfront_distribution": _cdn,
    "aws_nat_gateway": _gateway,
    "aws_eip": _address,
    "aws_vpc_endpoint": _endpoint,
    "aws_db_instance": _database,
    "aws_s3_bucket": _bucket,
    "aws_secretsmanager_secret": _secret,
    "aws_cloudwatch_log_group": _logs,
    "aws_ecr_repository": _repository,
    **around.RULES,
}
