"""How a rule says which calls it looks at, and what it may ask of the emulated account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal


class Account(Protocol):
    """The emulated account, as far as rules look at it."""

    region: str
    parts: Any  # CloudFront's, which moto lacks

    def backend(self, service: str) -> Any:
        """Return moto's records of a service."""


Rule = Callable[[Call, Account], Refusal | None]
RULES: dict[tuple[str, str], list[Rule]] = {}


def looks_at(service: str, *operations: str) -> Callable[[Rule], Rule]:
    """Register a rule for some operations of a service."""

    def register(rule: Rule) -> Rule:
        for operation in operations:
            RULES.setdefault((service, operation), []).append(rule)
        return rule

    return register
