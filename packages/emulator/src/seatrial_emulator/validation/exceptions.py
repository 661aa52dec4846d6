"""Where botocore's model and AWS differ: a call that the model refuses and AWS takes.

Each row names the place and says why. A row is added only with its source.
"""

from __future__ import annotations

from seatrial_emulator.validation.model import Violation

# (service, operation or *, the last part of the path): why AWS takes what the model does not allow
# The pattern of botocore's model writes /d for a digit, so that no ARN matches it. AWS answers with
# the ARNs of its own documentation (agents API reference, ListTagsForResource), and Terraform's
# provider asks for the tags of every resource.
_TAGS = ("ListTagsForResource", "TagResource", "UntagResource")
ACCEPTED: dict[tuple[str, str, str], str] = {
    ("bedrock-agent", name, "resourceArn"): "the pattern has /d for a digit" for name in _TAGS
}


def accepted(service: str, operation: str, violation: Violation) -> bool:
    """Return whether AWS takes a value although its model does not allow it."""
    last = violation.path[-1] if violation.path else ""
    return any((service, name, last) in ACCEPTED for name in (operation, "*"))
