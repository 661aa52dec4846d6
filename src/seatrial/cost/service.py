"""A service: its tasks on Fargate and on Spot, and their public addresses."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost import hours
from seatrial.cost.case import Case, Costs
from seatrial.cost.line import Line
from seatrial.cost.prices import HOURS
from seatrial.resources.graph import Resource


def _service(case: Case, resource: Resource) -> Iterator[Line]:
    target = case.graph.by_address.get(("aws_appautoscaling_target", resource.name))
    fewest = most = int(resource.body["desired_count"])
    if target is not None:
        fewest, most = int(target.body["min_capacity"]), int(target.body["max_capacity"])
    actions = _scheduled(case, resource.noun)
    most = max([most, *(int(a.body["scalable_target_action"][0]["max_capacity"]) for a in actions)])
    running = hours.shares(fewest, actions)
    low, high = _on_average(resource, running), _shares(resource, most)
    for spot in (False, True):
        if high[spot]:
            least, most_hours = HOURS * low[spot], HOURS * high[spot]
            yield from tasks(case, resource, hours=least, most=most_hours, spot=spot)
    if resource.body["network_configuration"][0].get("assign_public_ip"):
        least = HOURS * sum(count * part for count, part in running.items())
        yield case.line(resource, "public IPv4 of tasks", least, "ipv4.hour", HOURS * most)


def _scheduled(case: Case, noun: str) -> list[Resource]:
    type_ = "aws_appautoscaling_scheduled_action"
    return [r for r in case.graph.resources if r.type == type_ and r.noun == noun]


def _on_average(resource: Resource, running: dict[int, float]) -> tuple[float, float]:
    """Return how many tasks run on Fargate and on Spot over a week."""
    parts = [(_shares(resource, count), part) for count, part in running.items()]
    return sum(s[0] * part for s, part in parts), sum(s[1] * part for s, part in parts)


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
        {
            "aws_appautoscaling_policy",
            "aws_appautoscaling_scheduled_action",
            "aws_appautoscaling_target",
            "aws_ecs_task_definition",
        }
    ),
)
