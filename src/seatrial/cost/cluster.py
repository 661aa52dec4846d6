"""The cluster, which is free, and the images of its builds."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

IMAGES = Assumption("images", 1, "GB of images, each build")


def _repository(case: Case, resource: Resource) -> Iterator[Line]:
    yield case.line(resource, "images", case.of(IMAGES), "ecr.gb")


COSTS = Costs(
    rules={"aws_ecr_repository": _repository},
    free=frozenset(
        {"aws_ecr_lifecycle_policy", "aws_ecs_cluster", "aws_ecs_cluster_capacity_providers"}
    ),
    assumptions=(IMAGES,),
)
