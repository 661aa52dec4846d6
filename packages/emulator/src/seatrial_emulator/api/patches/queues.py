"""SQS gives a redrive policy back as it was written (SQS API reference, GetQueueAttributes).

moto writes it anew, with spaces, in which the AWS provider sees a change.
Test: tests/end_to_end/test_apply.py (a queue's second plan is empty).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.responses import SQSResponse

from seatrial_emulator.api.patches.patch import wrap


def apply() -> None:
    """Write the policy without spaces."""
    wrap(SQSResponse, "get_queue_attributes", _get_attributes)


def _get_attributes(get_attributes: Callable[..., Any], self: Any) -> Any:
    answer = get_attributes(self)
    if isinstance(answer, ActionResult) and isinstance(answer.result, dict):
        attributes = answer.result.get("Attributes") or {}
        if stored := attributes.get("RedrivePolicy"):
            policy = json.loads(stored) if isinstance(stored, str) else stored
            attributes["RedrivePolicy"] = json.dumps(policy, separators=(",", ":"))
    return answer
