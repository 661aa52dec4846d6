"""Filters on the metadata of chunks (agents runtime API reference, RetrievalFilter). Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "notEquals": operator.ne,
    "greaterThan": operator.gt,
    "greaterThanOrEquals": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEquals": operator.le,
    "in": lambda value, wanted: value in wanted,
    "notIn": lambda value, wanted: value not in wanted,
    "listContains": lambda value, wanted: isinstance(value, list) and wanted in value,
    "startsWith": lambda value, wanted: str(value).startswith(wanted),
    "stringContains": lambda value, wanted: wanted in value,
}


def passes(wanted: dict[str, Any], metadata: dict[str, Any]) -> bool:
    """Return whether metadata fulfils a filter; what is not there fulfils nothing."""
    for name, row in wanted.items():
        if name in ("andAll", "orAll"):
            every = [passes(each, metadata) for each in row]
            if not (all(every) if name == "andAll" else any(every)):
                return False
        elif row["key"] not in metadata or not _test(name, metadata[row["key"]], row["value"]):
            return False
    return True


def _test(name: str, value: Any, wanted: Any) -> bool:
    try:
        return bool(_TESTS[name](value, wanted))
    except TypeError:  # a text is not greater than a number
        return False
