"""Quantities that carry their unit: memory, storage, durations, shares of a CPU, percentages."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

# Bounded, so that no number is too long to be computed with or printed.
_NUMBER = r"([0-9]{1,12}(?:\.[0-9]{1,9})?)"
_MEMORY = {"MB": 1, "MiB": 1, "GB": 1024, "GiB": 1024}
_DURATION = {
    "s": 1,
    "second": 1,
    "seconds": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86_400,
    "day": 86_400,
    "days": 86_400,
}


def _quantity(text: object, units: dict[str, int], example: str) -> int:
    match = re.fullmatch(_NUMBER + r"\s*([A-Za-z]+)", str(text).strip())
    if not match or match[2] not in units:
        known = ", ".join(units)
        raise PydanticCustomError(
            "unit",
            "{text} has no known unit",
            {"text": repr(text), "fix": f"Write a number and one of {known}: {example}."},
        )
    amount = Decimal(match[1]) * units[match[2]]
    if amount != int(amount):
        raise PydanticCustomError(
            "unit",
            "{text} is not a whole number of the smallest unit",
            {"text": repr(text), "fix": f"Write it as in {example}."},
        )
    return int(amount)


def memory(text: object) -> int:
    """Return MiB. ``1 GB`` is 1024 MiB, as AWS counts task memory."""
    return text if isinstance(text, int) else _quantity(text, _MEMORY, "`1 GB`")


def storage(text: object) -> int:
    """Return GB of disk, as RDS counts allocated storage."""
    if isinstance(text, int):
        return text
    return _quantity(text, {"GB": 1, "GiB": 1, "TB": 1024, "TiB": 1024}, "`20 GB`")


def duration(text: object) -> int:
    """Return seconds."""
    return text if isinstance(text, int) else _quantity(text, _DURATION, "`30 s`, `5 min`")


def days(text: object) -> int:
    """Return whole days."""
    if isinstance(text, int):
        return text
    seconds = _quantity(text, _DURATION, "`30 days`")
    if seconds % 86_400:
        raise PydanticCustomError(
            "unit",
            "{text} is not a whole number of days",
            {"text": repr(text), "fix": "Write whole days: `30 days`."},
        )
    return seconds // 86_400


def vcpu(text: object) -> int:
    """Return CPU units, 1024 to one vCPU (AWS's own unit in task definitions)."""
    if isinstance(text, int):
        return text
    if not re.fullmatch(_NUMBER, str(text).strip()):
        raise PydanticCustomError(
            "unit",
            "{text} is not a number of vCPU",
            {"text": repr(text), "fix": "Write a number of vCPU: `0.25`, `0.5`, `1`, `2`."},
        )
    return int(Decimal(str(text).strip()) * 1024)


def percent(text: object) -> int:
    """Return a whole percentage from ``70%``."""
    if isinstance(text, int):
        return text
    match = re.fullmatch(r"([0-9]{1,3})\s*%", str(text).strip())
    if not match or not 1 <= int(match[1]) <= 100:
        raise PydanticCustomError(
            "unit",
            "{text} is not a percentage",
            {"text": repr(text), "fix": "Write a whole percentage from 1% to 100%: `70%`."},
        )
    return int(match[1])


Memory = Annotated[int, BeforeValidator(memory)]
Storage = Annotated[int, BeforeValidator(storage)]
Duration = Annotated[int, BeforeValidator(duration)]
Days = Annotated[int, BeforeValidator(days)]
Cpu = Annotated[int, BeforeValidator(vcpu)]
Percent = Annotated[int, BeforeValidator(percent)]
