"""What of a graph would worry a careful reader: public, unencrypted, unprotected, in one zone.

Read from the resources, not from the app file, so that a patch of `terraform:` is seen as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seatrial.resources.graph import Graph, Resource

WEEK = 7  # days of backups, below which FSBP's RDS.11 fails
Look = Callable[[Resource, bool], Iterator[str]]


def risks(graph: Graph, *, production: bool) -> tuple[str, ...]:
    """Return a sentence for each risk, the noun first; ``production`` where the profile is that."""
    found = [
        f"{resource.noun}: {text}"
        for resource in graph.resources
        for text in LOOKS.get(resource.type, _nothing)(resource, production)
    ]
    if plain := _plain_http(graph):
        found.append(plain)
    tells = any(r.type == "aws_sns_topic_subscription" for r in graph.resources)
    slack = any("chatbot" in r.type for r in graph.resources)
    serves = any(r.type == "aws_ecs_service" for r in graph.resources)
    if production and serves and not (tells or slack):
        found.append("alarms: nobody is told when something is wrong (`alarms: you@example.com`)")
    return tuple(dict.fromkeys(found))


def _off(value: Any) -> bool:
    """A patch's values are text; an expression lifts a protection for a destroy only."""
    return value is None or value is False or str(value).lower() in ("false", "inactive")


def _on(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def _nothing(_: Resource, __: bool) -> Iterator[str]:  # noqa: FBT001
    yield from ()


def _database(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    body = resource.body
    if _on(body.get("publicly_accessible")):
        yield "the database can be reached from the internet"
    if _off(body.get("storage_encrypted")):
        yield "the database is not encrypted"
    if _on(body.get("skip_final_snapshot")):
        yield "nothing is left of the database when it is destroyed"
    if int(body.get("backup_retention_period") or 0) < WEEK:
        yield "backups are kept for less than a week"
    if production and _off(body.get("deletion_protection")):
        yield "the database is not protected from deletion"
    if production and _off(body.get("multi_az")):
        yield "a lost zone takes the database down (`multi_az: true`)"


def _cache(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    if _off(resource.body.get("transit_encryption_enabled")):
        yield "the cache is reached without encryption"
    if production and _off(resource.body.get("automatic_failover_enabled")):
        yield "a lost node takes the cache and what is in it (`replicas: 1`)"


def _bucket(resource: Resource, _: bool) -> Iterator[str]:  # noqa: FBT001
    if any(_off(resource.body.get(key)) for key in PUBLIC_ACCESS):
        yield "the bucket may be made public"


PUBLIC_ACCESS = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)


def _balancer(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    if production and _off(resource.body.get("enable_deletion_protection")):
        yield "the balancer is not protected from deletion"


def _service(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    network = resource.body["network_configuration"][0]
    if production and _on(network.get("assign_public_ip")):
        yield "tasks have public addresses; they accept nothing (`network: {outbound: nat}`)"


def _ingress(resource: Resource, _: bool) -> Iterator[str]:  # noqa: FBT001
    open_ = resource.body.get("cidr_ipv4") == "0.0.0.0/0"
    if open_ and not resource.name.startswith("balancer_from_internet"):
        yield f"anybody may connect to port {resource.body.get('from_port')}"


def _pool(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    if production and _off(resource.body.get("deletion_protection")):
        yield "the accounts of all users are not protected from deletion"


def _plain_http(graph: Graph) -> str:
    public = [r for r in graph.resources if r.type == "aws_lb" and not r.body.get("internal")]
    tls = any(
        r.type == "aws_lb_listener" and r.body.get("protocol") == "HTTPS" for r in graph.resources
    )
    if public and not tls:
        return "edge: plain HTTP shows passwords and tokens to everybody on the way"
    return ""


LOOKS: dict[str, Look] = {
    "aws_db_instance": _database,
    "aws_elasticache_replication_group": _cache,
    "aws_s3_bucket_public_access_block": _bucket,
    "aws_lb": _balancer,
    "aws_ecs_service": _service,
    "aws_vpc_security_group_ingress_rule": _ingress,
    "aws_cognito_user_pool": _pool,
}
