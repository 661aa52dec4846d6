"""A small graph in one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = " "


def graph(points: Sequence[tuple[float, float]], *, end: float, period: float, width: int) -> str:
    """Return a block for each period, the newest last; a period without a value is a space.

    ``points`` are the begins of periods and their values; ``end`` is the time of the right edge,
    in the same unit as ``period``. The scale begins at 0 and ends at the largest value.
    """
    columns: list[float | None] = [None] * width
    for time, value in points:
        column = width - math.ceil((end - time) / period)
        if 0 <= column < width:
            columns[column] = value
    top = max((value for value in columns if value is not None), default=0.0)
    return "".join(GAP if value is None else _block(value, top) for value in columns)


def _block(value: float, top: float) -> str:
    if top <= 0:
        return BLOCKS[0]
    return BLOCKS[min(int(value / top * len(BLOCKS)), len(BLOCKS) - 1)]
