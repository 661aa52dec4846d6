"""SQS gives a redrive policy back as it was written (SQS API reference, GetQueueAttributes).

moto writes it anew, with spaces, in which the AWS provider sees a change.
Test: tests/end_to_end/test_apply.py (a queue's second plan is empty).
"""

from __future__ import annotations

import json
from typing import Any

from moto.sqs.responses import SQSResponse


def apply() -> None:
    """Write the policy without spaces."""
    original = SQSResponse.get_queue_attributes

    def get_queue_attributes(self: Any) -> Any:
        found = original(self)
        result = getattr(found, "result", None)
        attributes = result.get("Attributes") if isinstance(result, dict) else None
        if attributes and attributes.get("RedrivePolicy"):
            kept = attributes["RedrivePolicy"]
            policy = json.loads(kept) if isinstance(kept, str) else kept
            attributes["RedrivePolicy"] = json.dumps(policy, separators=(",", ":"))
        return found

    SQSResponse.get_queue_attributes = get_queue_attributes
