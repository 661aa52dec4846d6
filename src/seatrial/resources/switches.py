"""Whether an argument is on: patches of `terraform:` write text where builders write booleans."""

from __future__ import annotations

from typing import Any


def is_off(value: Any) -> bool:
    """Return whether an argument switches off; an expression lifts a protection only to destroy."""
    return value is None or value is False or str(value).lower() in ("false", "inactive")


def is_on(value: Any) -> bool:
    """Return whether an argument switches on."""
    return value is True or str(value).lower() == "true"
