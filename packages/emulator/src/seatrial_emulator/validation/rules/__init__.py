"""What no model says, one module a subject: each rule names the calls that it looks at."""

from __future__ import annotations

from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules import (
    caches,
    databases,
    managed,
    names,
    network,
    tasks,
    users,
)
from seatrial_emulator.validation.rules.rule import RULES, Account

__all__ = ["MODULES", "Account", "refusal"]

MODULES = (
    caches,
    databases,
    managed,
    names,
    network,
    tasks,
    users,
)  # importing one registers its rules


def refusal(call: Call, account: Account) -> Refusal | None:
    """Return the first refusal of a call, or None."""
    for rule in RULES.get(call.key, ()):
        if found := rule(call, account):
            return found
    return None
