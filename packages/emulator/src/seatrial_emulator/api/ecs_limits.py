"""Numbers that ECS documents and its API does not tell."""

from __future__ import annotations

import math


def failure_threshold(desired: int) -> int:
    """Return how many failed tasks make a deployment fail.

    Half of the desired count, 3 to 200 (ECS developer guide, "Failure thresholds").
    """
    return min(max(3, math.ceil(desired / 2)), 200)
