"""A service: its tasks on Fargate and on Spot, and their public addresses."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Case, Costs
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.resources.graph import Resource


def _service(case: Case, resource: Resource) -> Iterator[Line]:
    target = case.graph.by_address.get(("aws_appautoscaling_target", resource.name))
    fewest = most = int(resource.body["desired_count"])
    if target is not None:
        fewest, most = int(target.body["min_capacity"]), int(target.body["max_capacity"])
    low, high = _shares(resource, fewest), _shares(resource, most)
    for spot in (False, True):
        if high[spot]:
            hours, most_hours = HOURS * low[spot], HOURS * high[spot]
            yield from tasks(case, resource, hours=hours, most=most_hours, spot=spot)
    if resource.body["network_configuration"][0].get("assign_public_ip"):
        hours = HOURS * fewest
        yield case.line(resource, "public IPv4 of tasks", hours, "ipv4.hour", HOURS * most)


def _shares(resource: Resource, tasks: int) -> tuple[int, int]:
    """Return how many of so many tasks run on Fargate and on Spot, as ECS shares them out."""
    rows = {r["capacity_provider"]: r for r in resource.body["capacity_provider_strategy"]}
    fargate, spot = rows.get("FARGATE", {}), rows.get("FARGATE_SPOT", {})
    base = min(int(fargate.get("base", 0)), tasks)
    mine, whole = int(fargate.get("weight", 0)), int(spot.get("weight", 0))
    whole += mine
    own = ((tasks - base) * mine * 2 + whole) // (whole * 2) if whole else 0  # rounded
    return base + own, tasks - base - own


def tasks(
    case: Case,
    resource: Resource,
    *,
    hours: float,
    most: float,
    spot: bool = False,
) -> Iterator[Line]:
    """Yield what tasks of a resource's definition cost in so many hours of one task."""
    body = case.graph.by_address[("aws_ecs_task_definition", resource.name)].body
    arm = body["runtime_platform"][0]["cpu_architecture"] == "ARM64"
    kind = f"fargate.{'spot.' if spot else ''}{'arm' if arm else 'x86'}"
    cpu, memory = int(body["cpu"]) / 1024, int(body["memory"]) / 1024
    named = f"Fargate{' Spot' if spot else ''}{', arm64' if arm else ''}"
    yield case.line(resource, f"{named}: vCPU", cpu * hours, f"{kind}.vcpu", cpu * most)
    yield case.line(resource, f"{named}: memory", memory * hours, f"{kind}.gb", memory * most)


COSTS = Costs(
    section="services",
    rules={"aws_ecs_service": _service},
    free=frozenset(
        {"aws_appautoscaling_policy", "aws_appautoscaling_target", "aws_ecs_task_definition"}
    ),
)
