"""What of a graph would worry a careful reader: public, unencrypted, unprotected, in one zone.

Read from the resources, not from the app file, so that a patch of `terraform:` is seen as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.resources.catalog import KINDS
from seatrial.resources.graph import Graph, Resource
from seatrial.resources.kind import Look
from seatrial.resources.switches import is_off


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
        found.append(
            "alarms: no one is notified when something is wrong (`alarms: you@example.com`)"
        )
    return tuple(dict.fromkeys(found))


def _nothing(_: Resource, __: bool) -> Iterator[str]:  # noqa: FBT001
    yield from ()


def _balancer(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    if production and is_off(resource.body.get("enable_deletion_protection")):
        yield "the balancer is not protected from deletion"


def _ingress(resource: Resource, _: bool) -> Iterator[str]:  # noqa: FBT001
    open_ = resource.body.get("cidr_ipv4") == "0.0.0.0/0"
    if open_ and not resource.name.startswith("balancer_from_internet"):
        yield f"anybody may connect to port {resource.body.get('from_port')}"


def _plain_http(graph: Graph) -> str:
    public = [r for r in graph.resources if r.type == "aws_lb" and not r.body.get("internal")]
    tls = any(
        r.type == "aws_lb_listener" and r.body.get("protocol") == "HTTPS" for r in graph.resources
    )
    if public and not tls:
        return "edge: plain HTTP lets everyone on the network path read passwords and tokens"
    return ""


LOOKS: dict[str, Look] = {
    "aws_lb": _balancer,
    "aws_vpc_security_group_ingress_rule": _ingress,
}
for _kind in KINDS:
    LOOKS.update(_kind.risks)
