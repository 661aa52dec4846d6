"""A service: tasks kept running, replaced without a gap, rolled back when a release fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.app import App
from seatrial.model.composed import texts
from seatrial.model.schedule import expression
from seatrial.model.service import KIND, Service
from seatrial.resources import composed, edge, network, route, service_metrics, task
from seatrial.resources.cluster import CLUSTER
from seatrial.resources.context import Context, release
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined
from seatrial.resources.kind import (
    CALLED,
    DATA,
    SERVICE,
    Arrow,
    Node,
    Reach,
    ResourceKind,
    Value,
)
from seatrial.resources.switches import is_on

LEAST_WEIGHT, MOST_WEIGHT = 1, 1000  # of a capacity provider that places tasks


def build(context: Context) -> Iterator[Resource]:
    """Yield task definitions, services and their scaling."""
    for name, service in sorted(context.app.services.items()):
        noun = f"services.{name}"
        if texts(context.app, service):
            yield from composed.build(context, noun, name)
        yield task.definition(
            context,
            name,
            noun=noun,
            service=name,
            command=service.command,
            group=name,
            serves=True,
        )
        if service.migrate:
            yield task.definition(
                context,
                f"{name}_migrate",
                noun=noun,
                service=name,
                command=service.migrate,
                group=name,
                serves=False,
            )
        yield _service(context, name, service)
        yield from _scaling(name, service)
        yield from _hours(name, service)


def placement(context: Context, service: str) -> dict[str, Any]:
    """Return where tasks run: subnets, security group, public address."""
    return {
        "subnets": network.subnets(context),
        "security_groups": [Ref("aws_security_group", service)],
        "assign_public_ip": context.app.outbound == "public",
    }


def _service(context: Context, name: str, service: Service) -> Resource:
    definition = Ref("aws_ecs_task_definition", name, "arn")
    balanced = [
        {
            "target_group_arn": Ref("aws_lb_target_group", group, "arn"),
            "container_name": name,
            "container_port": service.port,
        }
        for group in route.groups(context, name).values()
    ]
    rolled_back = {
        "condition": Expr(f"self.task_definition == aws_ecs_task_definition.{name}.arn"),
        "error_message": "ECS rolled the service back to the previous release.",
    }
    return release(
        f"services.{name}",
        "aws_ecs_service",
        name,
        *route.attachments(context, name),
        name=name,
        cluster=CLUSTER,
        task_definition=definition,
        desired_count=service.count.min,
        # Not launch_type: provider 5.100 would replace a live service when Spot is added later.
        capacity_provider_strategy=_capacity(service),
        force_new_deployment=True,
        # ECS refuses it where no task may be added (ECS developer guide, "Balancing an Amazon ECS
        # service across Availability Zones").
        availability_zone_rebalancing="DISABLED" if service.count.single else "ENABLED",
        deployment_minimum_healthy_percent=0 if service.count.single else 100,
        deployment_maximum_percent=100 if service.count.single else 200,
        deployment_circuit_breaker=[{"enable": True, "rollback": True}],
        health_check_grace_period_seconds=service.health.grace if balanced else None,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        network_configuration=[placement(context, name)],
        load_balancer=balanced or None,
        wait_for_steady_state=Expr("var.wait"),
        lifecycle=[{"ignore_changes": ["desired_count"], "postcondition": [rolled_back]}],
    )


def _capacity(service: Service) -> list[dict[str, Any]]:
    """The base runs on Fargate; the rest is shared out by weight.

    A provider with the weight 0 places no task, says ECS's API reference (data type
    CapacityProviderStrategyItem), which leaves open whether that holds for a base too. So Fargate
    has the least share there is beside the base, and Spot the most: one task in a thousand.
    """
    fargate, spot = service.capacity.fargate, service.capacity.spot
    base = {"base": service.capacity.base} if service.capacity.base else {}
    if base and not fargate:
        fargate, spot = LEAST_WEIGHT, MOST_WEIGHT if spot else 0
    rows: list[dict[str, Any]] = []
    if fargate:
        rows.append({"capacity_provider": "FARGATE", "weight": fargate, **base})
    if spot:
        rows.append({"capacity_provider": "FARGATE_SPOT", "weight": spot})
    return rows


def _scaling(name: str, service: Service) -> Iterator[Resource]:
    noun = f"services.{name}"
    resource = joined(
        "service/",
        Ref("aws_ecs_cluster", "main", "name"),
        "/",
        Ref("aws_ecs_service", name, "name"),
    )
    common: dict[str, Any] = {
        "service_namespace": "ecs",
        "scalable_dimension": "ecs:service:DesiredCount",
    }
    yield release(
        noun,
        "aws_appautoscaling_target",
        name,
        min_capacity=service.count.min,
        max_capacity=service.count.most,
        resource_id=resource,
        **common,
    )
    goal = service.count.target
    for what, value in (("CPU", goal.cpu), ("Memory", goal.memory)):
        if value is None:
            continue
        metric = {"predefined_metric_type": f"ECSServiceAverage{what}Utilization"}
        yield release(
            noun,
            "aws_appautoscaling_policy",
            f"{name}_{what.lower()}",
            name=f"{name}-{what.lower()}",
            policy_type="TargetTrackingScaling",
            resource_id=Ref("aws_appautoscaling_target", name, "resource_id"),
            target_tracking_scaling_policy_configuration=[
                {
                    "target_value": value,
                    "predefined_metric_specification": [metric],
                    "scale_in_cooldown": service.count.cooldown.in_,
                    "scale_out_cooldown": service.count.cooldown.out,
                }
            ],
            **common,
        )


def _hours(name: str, service: Service) -> Iterator[Resource]:
    """Yield what sets another range at its moments."""
    target = {
        key: Ref("aws_appautoscaling_target", name, key)
        for key in ("resource_id", "service_namespace", "scalable_dimension")
    }
    for when, hours in sorted(service.count.schedule.items()):
        yield release(
            f"services.{name}",
            "aws_appautoscaling_scheduled_action",
            f"{name}_{when}",
            name=f"{name}-{when}",
            schedule=expression(hours.at),
            timezone=hours.timezone,
            scalable_target_action=[{"min_capacity": hours.min, "max_capacity": hours.most}],
            **target,
        )


def _internal_url(context: Context, noun: str) -> Joined:
    """Return the address at which other services reach this one."""
    host = Ref("aws_lb", context.private_balancer, "dns_name")
    return joined("http://", host, f":{context.private_ports[noun]}")


def _public_url(context: Context, noun: str) -> Joined:
    public = context.app.services[noun].public
    path = (public.path[0] if public else "/").rstrip("/")
    own = edge.own_url(context)
    if public and public.host:
        own = joined(own.parts[0].split("//")[0] + f"//{public.host}")  # type: ignore[union-attr]
    return Joined((*own.parts, *([path] if path else [])))


def _attribute(context: Context, noun: str, attribute: str) -> Value:
    if attribute == "url":
        return _public_url(context, noun)
    if noun not in context.private_ports:
        raise LookupError(f"no service calls {noun}")
    match attribute:
        case "host":
            return Ref("aws_lb", context.private_balancer, "dns_name")
        case "port":
            return str(context.private_ports[noun])
        case _:
            return _internal_url(context, noun)


def _reach(context: Context, noun: str) -> Reach:
    group = edge.group_of(context.private_balancer)
    return Reach(group, context.private_ports[noun], f"_for_{noun}")


def _nodes(app: App) -> Iterator[Node]:
    called = {use.name for service in app.services.values() for use in service.uses}
    for name, service in sorted(app.services.items()):
        count = service.count
        tasks = f"{count.min}" if count.most == count.min else f"{count.min} to {count.most}"
        spot = ", Spot" if service.capacity.spot else ""
        what = f"{tasks} x {service.cpu / 1024:g} vCPU, {service.memory / 1024:g} GB{spot}"
        behind = name in called and service.public is None
        yield Node(name, "run", CALLED if behind else SERVICE, name, what)
    for place in sorted({place for service in app.services.values() for place in service.reach}):
        host, _, port = place.rpartition(":")
        yield Node(f"/{place}", "world", DATA, host, f"internet, TCP {port}")


def _arrows(app: App) -> Iterator[Arrow]:
    for name, service in sorted(app.services.items()):
        yield from ((name, f"/{place}") for place in service.reach)


def _risks(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    network = resource.body["network_configuration"][0]
    if production and is_on(network.get("assign_public_ip")):
        yield "tasks have public addresses; they accept nothing (`network: {outbound: nat}`)"


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=_attribute,
    reach=_reach,
    alarms=service_metrics.alarms,
    graphs=service_metrics.graphs,
    nodes=_nodes,
    arrows=_arrows,
    risks={"aws_ecs_service": _risks},
    serves={"aws_ecs_service": "the service"},
)
