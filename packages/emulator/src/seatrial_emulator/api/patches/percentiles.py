"""CloudWatch answers percentiles, `p0` to `p100` (CloudWatch user guide, "CloudWatch statistics
definitions").

moto answers null, which no client reads.
Test: tests/emulator/test_patches.py::test_a_percentile_is_between_the_values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import Statistics

from seatrial_emulator.api.patches.patch import wrap

_NAME = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")


def apply() -> None:
    """Answer percentiles of single values."""
    wrap(Statistics, "get_statistics_for_type", _statistic)


def _statistic(get_statistic: Callable[..., Any], self: Any, stat: str) -> Any:
    name = _NAME.fullmatch(stat)
    if not name:
        return get_statistic(self, stat)
    values = sorted(self.metric_single_values_list)
    return values[min(int(len(values) * float(name[1]) / 100), len(values) - 1)] if values else None
