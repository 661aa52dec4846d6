"""Sizes that AWS offers: Fargate's CPU and memory pairs, engine versions, regions, retentions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.count import Count
from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.service import Service
from seatrial.model.settings import RETENTIONS

# ECS developer guide, "Task size": CPU units -> (least MiB, most MiB, step), and its exceptions.
FARGATE = {
    512: range(1024, 4097, 1024),
    1024: range(2048, 8193, 1024),
    2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024),
    8192: range(16384, 61441, 4096),
    16384: range(32768, 122881, 8192),
}
FARGATE_SMALLEST = (512, 1024, 2048)  # for 256 CPU units

# Regions with ECS Fargate, RDS and CloudFront VPC origins in the standard partition (AWS
# "Regional services" list, read November 2026).
REGIONS = frozenset(
    [
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "ca-central-1",
        "ca-west-1",
        "sa-east-1",
        "eu-central-1",
        "eu-central-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "ap-south-1",
        "ap-south-2",
        "ap-east-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "af-south-1",
        "me-south-1",
        "me-central-1",
        "il-central-1",
        "mx-central-1",
        "ap-southeast-5",
        "ap-southeast-7",
    ]
)


def memories(cpu: int) -> tuple[int, ...]:
    """Return the memory sizes, in MiB, that Fargate offers with this many CPU units."""
    return FARGATE_SMALLEST if cpu == 256 else tuple(FARGATE.get(cpu, ()))


def _text(mib: int) -> str:
    return f"{mib // 1024} GB" if mib % 1024 == 0 else f"{mib} MB"


def _service(name: str, service: Service) -> Iterator[Finding]:
    path = ("services", name)
    known = [256, *FARGATE]
    if service.cpu not in known:
        sizes = ", ".join(f"{cpu / 1024:g}" for cpu in known)
        yield Finding(
            "appfile-fargate-size",
            (*path, "cpu"),
            f"Fargate does not offer tasks with {service.cpu / 1024:g} vCPU",
            f"Choose one of {sizes}.",
        )
    elif service.memory not in (offered := memories(service.cpu)):
        fitting = next((size for size in offered if size >= service.memory), offered[-1])
        step = "" if service.cpu == 256 else f", in steps of {_text(offered[1] - offered[0])}"
        yield Finding(
            "appfile-fargate-size",
            (*path, "memory"),
            f"Fargate does not offer tasks with {service.cpu / 1024:g} vCPU and "
            f"{_text(service.memory)}",
            f"Write `memory: {_text(fitting)}`; with this CPU it is {_text(offered[0])} "
            f"to {_text(offered[-1])}{step}.",
            ((*path, "memory"), (*path, "cpu")),
        )
    for first, last in re.findall(r"(\d+)-(\d+)", service.health.codes):
        if int(first) > int(last):
            yield Finding(
                "appfile-health",
                (*path, "health", "codes"),
                f"the range of codes `{first}-{last}` runs backwards",
                f"Write `{last}-{first}`.",
            )
    if service.health.timeout >= service.health.interval:
        yield Finding(
            "appfile-health",
            (*path, "health"),
            f"the health check has a timeout of {service.health.timeout} s and an interval of "
            f"{service.health.interval} s",
            "Make `timeout` shorter than `interval`.",
        )
    if service.count.most < service.count.min:
        yield Finding(
            "appfile-count",
            (*path, "count"),
            f"`max` {service.count.most} is less than `min` {service.count.min}",
            "Raise `max` or lower `min`.",
        )
    yield from _count(service.count, (*path, "count"))


def _count(count: Count, path: Path) -> Iterator[Finding]:
    """Yield what contradicts itself in a number of tasks."""
    for name, hours in count.schedule.items():
        if hours.most < hours.min:
            yield Finding(
                "appfile-count",
                (*path, "schedule", name),
                f"`max` {hours.most} is less than `min` {hours.min}",
                "Raise `max` or lower `min`.",
            )
    most = max([count.most, *(hours.most for hours in count.schedule.values())])
    if count.single and most > 1:
        yield Finding(
            "appfile-count",
            path,
            f"`single` means one task, and `max` is {most}",
            "Write `count: one`, or remove `single`.",
        )


def check(app: App) -> Iterator[Finding]:
    """Yield sizes that AWS does not offer."""
    if app.region not in REGIONS:
        yield Finding(
            "appfile-region",
            ("region",),
            f"`{app.region}` is not a region with Fargate",
            nearest(app.region, REGIONS, "Use a region such as `us-east-1`."),
        )
    if app.logs.retention not in RETENTIONS:
        near = min(RETENTIONS, key=lambda days: abs(days - app.logs.retention))
        yield Finding(
            "appfile-retention",
            ("logs", "retention"),
            f"CloudWatch does not offer a retention of {app.logs.retention} days",
            f"Write `{near} days`.",
        )
    for name, service in app.services.items():
        yield from _service(name, service)
