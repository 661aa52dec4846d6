"""The check of one request: parsed, against the model, then by the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seatrial_emulator.validation import rules
from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.exceptions import accepted
from seatrial_emulator.validation.model import violations
from seatrial_emulator.validation.refusal import Refusal, answer, of_violations

Answer = Callable[[Any], list[bytes]]


class Validator:
    """Refuses what AWS refuses; ``account`` is what rules may look at."""

    def __init__(self, account: rules.Account) -> None:
        self.account = account

    def refuses(self, call: Call | None) -> Answer | None:
        """Return AWS's refusal of a call, or None where AWS would take it, or it is not checked."""
        refusal = self.refusal(call) if call else None
        if call is None or refusal is None:
            return None
        headers, body = answer(refusal, call.protocol)

        def respond(start: Any) -> list[bytes]:
            start(refusal.status, [*headers.items(), ("Content-Length", str(len(body)))])
            return [body]

        return respond

    def refusal(self, call: Call) -> Refusal | None:
        """Return why AWS would refuse a call, or None."""
        found = [
            violation
            for violation in (violations(call.shape, call.parameters) if call.shape else ())
            if not accepted(call.service, call.operation, violation)
        ]
        return of_violations(call.service, found) if found else rules.refusal(call, self.account)
