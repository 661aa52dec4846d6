"""Does the account have room? (doctor catalogue, D33; reliability, 40.)"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cloud import quotas
from seatrial.ops.verify.finding import Case, Finding
from seatrial.resources.catalog import graph
from seatrial.resources.context import Context
from seatrial.resources.graph import Graph, Resource

# What an environment makes of what a quota counts, by Terraform's resource type.
COUNTED = {
    "VPCs": "aws_vpc",
    "load balancers": "aws_lb",
    "public addresses": "aws_eip",
}


def check(case: Case) -> Iterator[Finding]:
    """Compare what a first deploy makes with what is left of the account's quotas."""
    if quotas.exists(case.session, Context(case.app).name("service")):
        return  # what is there was counted when it was made
    whole = graph(case.app)
    yield from _vcpus(case, whole)
    made = whole.by_address
    for what, type_ in COUNTED.items():
        needed = sum(found == type_ for found, _ in made)
        room = quotas.room(case.session, what) if needed else None
        if room is not None and needed > room:
            yield Finding(
                code="verify-quota",
                severity="error",
                title=f"the account's quota does not allow {needed} more {what}",
                evidence=f"{max(room, 0)} are left in {case.session.target.region}",
                cause="AWS limits the number of each resource per account and region.",
                fix="Delete unused ones, or request an increase in Service Quotas.",
            )


def _vcpus(case: Case, made: Graph) -> Iterator[Finding]:
    """Compare the vCPUs of all tasks, and of old and new ones together, with Fargate's quota."""
    for provider in quotas.VCPUS:
        needed = sum(_needed(made, service, provider) for service in made.resources)
        most = quotas.vcpus(case.session, provider) if needed else 0.0
        if needed * 2 <= most or not needed:
            continue
        yield Finding(
            code="verify-quota",
            severity="error" if needed > most else "warning",
            title=f"the account's quota of vCPUs on {provider} is small",
            evidence=f"{needed:g} are wanted, and twice as many while a release replaces tasks; "
            f"{most:g} are allowed to all tasks in {case.session.target.region}",
            cause="A new account has 6: ECS starts no task beyond them.",
            fix=f"Request an increase in Service Quotas ({quotas.VCPUS[provider]}): it takes "
            "minutes to days.",
        )


def _needed(made: Graph, service: Resource, provider: str) -> float:
    """Return the vCPUs of a service's tasks, where the provider has the greatest weight."""
    if service.type != "aws_ecs_service":
        return 0.0
    rows = service.body["capacity_provider_strategy"]
    if max(rows, key=lambda row: row["weight"])["capacity_provider"] != provider:
        return 0.0
    definition = made.by_address[("aws_ecs_task_definition", service.name)].body
    return int(service.body["desired_count"]) * int(definition["cpu"]) / 1024
