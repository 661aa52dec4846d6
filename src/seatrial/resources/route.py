"""Routes: target groups and listener rules, whose priorities are a pure function of the route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.service import Service
from seatrial.resources import naming
from seatrial.resources.context import Context, release
from seatrial.resources.edge import LISTENER
from seatrial.resources.graph import Ref, Resource
from seatrial.resources.network import VPC

# Priorities on the one public listener (AWS allows 1 to 50000): attachment rules first, then
# routes with a host, then routes without; longer paths before shorter ones.
ATTACH, WITH_HOST, WITHOUT_HOST = 100, 1000, 25_000
LONGEST, WIDTH = 120, 200
NOBODY = "192.0.2.1/32"  # RFC 5737: documentation, never a real source


def priorities(context: Context) -> dict[tuple[str, str], int]:
    """Return the priority of every public route, by host and path."""
    by_bucket: dict[int, list[tuple[str, str]]] = {}
    for service in context.app.services.values():
        for path in service.public.path if service.public else ():
            host = service.public.host if service.public else ""
            start = (WITH_HOST if host else WITHOUT_HOST) + (LONGEST - len(path)) * WIDTH
            by_bucket.setdefault(start, []).append((host, path))
    found: dict[tuple[str, str], int] = {}
    for start, routes in by_bucket.items():
        keys = {f"{host} {path}": (host, path) for host, path in routes}
        found |= {keys[k]: start + s for k, s in naming.slots(list(keys), WIDTH).items()}
    return found


def groups(context: Context, name: str) -> dict[str, str]:
    """Return a service's target groups: the balancer each belongs to, and the group's name."""
    found = {"main": name} if context.app.services[name].public else {}
    if name in context.called:
        balancer = context.private_balancer
        if balancer not in found:
            found[balancer] = f"{name}_internal" if found else name
    return found


def attachments(context: Context, name: str) -> tuple[Ref, ...]:
    """Return what must exist before ECS accepts the service's target groups."""
    refs = []
    if context.app.services[name].public:
        refs.append(Ref("aws_lb_listener_rule", f"{name}_attach"))
    if name in context.called:
        refs.append(Ref("aws_lb_listener", f"{name}_private"))
    return tuple(refs)


def build(context: Context) -> Iterator[Resource]:
    """Yield target groups, attachment rules, public rules and private listeners."""
    attach = naming.slots([n for n, s in context.app.services.items() if s.public], 900)
    order = priorities(context)
    for name, service in sorted(context.app.services.items()):
        for group in groups(context, name).values():
            yield _target_group(context, name, service, group)
        if service.public:
            yield _rule(
                name,
                f"{name}_attach",
                ATTACH + attach[name],
                [{"source_ip": [{"values": [NOBODY]}]}],
            )
            yield from _public(name, service, order)
        if name in context.called:
            yield _private(context, name)


def _target_group(context: Context, name: str, service: Service, group: str) -> Resource:
    health = service.health
    sticky = service.public is not None and service.public.sticky
    return release(
        f"services.{name}",
        "aws_lb_target_group",
        group,
        vpc_id=VPC,
        target_type="ip",
        name=context.name("balancer", group.replace("_", "-")),
        protocol="HTTP",
        port=80,  # ECS registers each task's real port; another number here would replace the group
        deregistration_delay=30,
        stickiness=[{"type": "lb_cookie", "enabled": True, "cookie_duration": 86_400}]
        if sticky
        else None,
        health_check=[
            {
                "path": health.path,
                "interval": health.interval,
                "timeout": health.timeout,
                "healthy_threshold": health.healthy,
                "unhealthy_threshold": health.unhealthy,
                "matcher": health.codes,
                "protocol": "HTTP",
                "port": "traffic-port",
            }
        ],
    )


def _forward(group: str) -> list[dict[str, Any]]:
    return [{"type": "forward", "target_group_arn": Ref("aws_lb_target_group", group, "arn")}]


def _rule(
    name: str, address: str, priority: int, condition: list[dict[str, Any]], *after: Ref
) -> Resource:
    return release(
        f"services.{name}",
        "aws_lb_listener_rule",
        address,
        *after,
        listener_arn=LISTENER,
        priority=priority,
        action=_forward(name),
        condition=condition,
    )


def _public(name: str, service: Service, order: dict[tuple[str, str], int]) -> Iterator[Resource]:
    if service.public is None:
        return
    host = service.public.host
    for index, path in enumerate(service.public.path):
        plain = path.rstrip("/")
        patterns = [plain, f"{plain}/*"] if plain else ["/*"]
        condition: list[dict[str, Any]] = [{"path_pattern": [{"values": patterns}]}]
        if host:
            condition.append({"host_header": [{"values": [host]}]})
        yield _rule(
            name, f"{name}_{index}", order[(host, path)], condition, Ref("aws_ecs_service", name)
        )


def _private(context: Context, name: str) -> Resource:
    group = groups(context, name)[context.private_balancer]
    return release(
        f"services.{name}",
        "aws_lb_listener",
        f"{name}_private",
        protocol="HTTP",
        load_balancer_arn=Ref("aws_lb", context.private_balancer, "arn"),
        port=context.private_ports[name],
        default_action=_forward(group),
    )
