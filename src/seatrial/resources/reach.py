"""Security groups: only along the chain internet, balancer, service, database; by reference."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.service import Service
from seatrial.resources.context import Context, foundation
from seatrial.resources.edge import group_of
from seatrial.resources.graph import Ref, Resource
from seatrial.resources.network import VPC

LONGEST = 255  # characters of a description (EC2 API reference, IpRange)


def _group(name: str) -> Ref:
    return Ref("aws_security_group", name)


def _rule(noun: str, name: str, direction: str, *, at: str, other: str, port: int) -> Resource:
    return foundation(
        noun,
        f"aws_vpc_security_group_{direction}_rule",
        name,
        ip_protocol="tcp",
        security_group_id=_group(at),
        referenced_security_group_id=_group(other),
        from_port=port,
        to_port=port,
        description=name.replace("_", " "),
    )


def pair(noun: str, source: str, target: str, port: int, suffix: str = "") -> Iterator[Resource]:
    """Yield the two rules by which one security group reaches another."""
    out, into = f"{source}_to_{target}{suffix}", f"{target}_from_{source}{suffix}"
    yield _rule(noun, out, "egress", at=source, other=target, port=port)
    yield _rule(noun, into, "ingress", at=target, other=source, port=port)


def to_internet(noun: str, name: str, port: int, suffix: str, description: str) -> Resource:
    """Return the rule by which a security group reaches a port anywhere."""
    return foundation(
        noun,
        "aws_vpc_security_group_egress_rule",
        f"{name}_to_internet{suffix}",
        security_group_id=_group(name),
        cidr_ipv4="0.0.0.0/0",
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
    )


def build(context: Context) -> Iterator[Resource]:
    """Yield a group for every service and the rules of what it serves and uses."""
    for name, service in sorted(context.app.services.items()):
        noun = f"services.{name}"
        yield foundation(
            noun,
            "aws_security_group",
            name,
            vpc_id=VPC,
            name=context.name("security group", name),
            description=f"the service {name}",
        )
        hosts = _hosts(service)
        yield to_internet(noun, name, 443, "", _described("HTTPS out", hosts.get(443, [])))
        for port in sorted({*context.app.network.ports, *hosts} - {443}):
            described = _described(f"TCP {port} out", hosts.get(port, []))
            yield to_internet(noun, name, port, f"_{port}", described)
        for balancer in _balancers(context, name):
            yield from pair(noun, group_of(balancer), name, service.port or 0)
        reached = [
            kind.reach(context, use.name) for use, kind in context.used(service) if kind.reach
        ]
        for to in dict.fromkeys(reached):
            yield from pair(noun, name, to.group, to.port, to.suffix)


def _hosts(service: Service) -> dict[int, list[str]]:
    """Return the hosts that a service reaches, by port."""
    found: dict[int, list[str]] = {}
    for place in sorted(service.reach):
        host, _, port = place.rpartition(":")
        found.setdefault(int(port), []).append(host)
    return found


def _described(text: str, hosts: list[str]) -> str:
    """Return a rule's description, which names whom it is for; a rehearsal reads it there."""
    whole = f"{text} to {', '.join(hosts)}" if hosts else text
    return whole if len(whole) <= LONGEST else _described(text, hosts[:-1])


def _balancers(context: Context, name: str) -> list[str]:
    """Return the balancers that send traffic to a service, each once."""
    found = ["main"] if context.app.services[name].public else []
    if name in context.called and context.private_balancer not in found:
        found.append(context.private_balancer)
    return found
