"""What each kind of resource costs, and which cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from seatrial.cost.line import Line, line
from seatrial.cost.prices import HOURS, Prices
from seatrial.cost.traffic import Traffic
from seatrial.model.database import ENDS
from seatrial.resources.graph import Graph, Resource

# Created, kept and destroyed for nothing (each service's pricing page).
FREE = {
    "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
    "aws_cloudfront_vpc_origin",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_security_group",
    "aws_ecr_lifecycle_policy",
    "aws_ecs_cluster",
    "aws_ecs_cluster_capacity_providers",
    "aws_ecs_task_definition",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_internet_gateway",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_route",
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
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
}
FREE_EGRESS = 100  # GB a month and account to the internet (EC2 pricing, "Data transfer")
FREE_CDN = 1024, 10  # GB and million requests a month from CloudFront (its pricing, free tier)
RDS_CPUS = 2  # of every burstable class up to large (RDS user guide, "DB instance classes")


@dataclass(frozen=True)
class Case:
    """What the rules look at."""

    graph: Graph
    prices: Prices
    traffic: Traffic

    def line(
        self, resource: Resource, item: str, quantity: float, key: str, most: float | None = None
    ) -> Line:
        """Return a line of a resource's noun."""
        return line(resource.noun, item, quantity, self.prices.find(key), most=most)


Rule = Callable[[Case, Resource], Iterator[Line]]


def _service(case: Case, resource: Resource) -> Iterator[Line]:
    target = case.graph.by_address.get(("aws_appautoscaling_target", resource.name))
    fewest = most = int(resource.body["desired_count"])
    if target is not None:
        fewest, most = int(target.body["min_capacity"]), int(target.body["max_capacity"])
    yield from _tasks(case, resource, resource.name, HOURS * fewest, HOURS * most)
    if resource.body["network_configuration"][0].get("assign_public_ip"):
        hours = HOURS * fewest
        yield case.line(resource, "public IPv4 of tasks", hours, "ipv4.hour", HOURS * most)


def _tasks(
    case: Case, resource: Resource, definition: str, hours: float, most: float
) -> Iterator[Line]:
    """Yield what tasks of a definition cost in so many hours of one task."""
    body = case.graph.by_address[("aws_ecs_task_definition", definition)].body
    arm = body["runtime_platform"][0]["cpu_architecture"] == "ARM64"
    kind = f"fargate.{'arm' if arm else 'x86'}"
    cpu, memory = int(body["cpu"]) / 1024, int(body["memory"]) / 1024
    named = "Fargate, arm64" if arm else "Fargate"
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
    gigabytes = max(case.traffic.egress - FREE_CDN[0], 0)
    requests = max(case.traffic.requests - FREE_CDN[1], 0)
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


def _database(case: Case, resource: Resource) -> Iterator[Line]:
    body = resource.body
    zones = "multi" if body.get("multi_az") else "single"
    engine, size = body["engine"], body["instance_class"]
    stored, most = int(body["allocated_storage"]), int(body["max_allocated_storage"])
    yield case.line(resource, f"{size}, {zones}-AZ", HOURS, f"rds.{engine}.{size}.{zones}")
    yield case.line(resource, "storage", stored, f"rds.gp3.{zones}", most)
    # Backups up to the size of the storage are free (RDS pricing, "Backup storage").
    end = ENDS.get(str(body["engine_version"]))
    if end and date.fromisoformat(case.prices.dated) > end:
        cpus = RDS_CPUS * (2 if zones == "multi" else 1)
        item = f"Extended Support of version {body['engine_version']}"
        yield case.line(resource, item, HOURS * cpus, "rds.extended_support.y1_2")


def _bucket(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "objects", case.traffic.objects, "s3.standard.gb")
    yield case.line(resource, "writes", case.traffic.writes, "s3.put.1k")
    yield case.line(resource, "reads", case.traffic.reads, "s3.get.1k")


def _secret(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "secret", 1, "secrets.secret")


def _logs(case: Case, resource: Resource) -> Iterator[Line]:
    months = int(resource.body.get("retention_in_days", 30)) / 30
    yield case.line(resource, "output", case.traffic.logs, "logs.ingest.gb")
    yield case.line(resource, "output kept", case.traffic.logs * months, "logs.store.gb")


def _repository(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "images", case.traffic.images, "ecr.gb")


RULES: dict[str, Rule] = {
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
}
