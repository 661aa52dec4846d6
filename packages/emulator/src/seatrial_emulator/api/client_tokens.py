"""Creations that AWS makes idempotent by a token of the client: sent again, they create nothing.

The same token with the same parameters gets the first answer again (EC2 API reference, "Ensuring
idempotency"; CloudFront API reference, CreateDistribution: "if the value of CallerReference is the
same and the content is the same, CloudFront returns the same information"). With other parameters
the request goes on, and the service's own error says so. Deletions end the memory: a token of what
is gone creates anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from seatrial_emulator.validation.call import Call

_CREATES = ("Allocate", "Copy", "Create", "Import", "Request", "Restore", "Run", "Start")
_ENDS = ("Delete", "Deregister", "Release", "Stop", "Terminate")
# Names of tokens in requests, at any depth; the models mark some of them `idempotencyToken`.
_TOKENS = (
    "CallerReference",
    "ClientRequestToken",
    "ClientToken",
    "CreationToken",
    "CreatorRequestId",
    "IdempotencyToken",
    "clientToken",
    "creatorRequestId",
)
# A reference that was used is refused by these, whatever else they were given.
_REFUSED = {("route53", "CreateHostedZone")}
_IDENTITY = re.compile(r"Credential=([^/]+)/")


def is_idempotent(call: Call | None) -> bool:
    """Return whether a call has a token by which AWS makes it idempotent."""
    return call is not None and call.key not in _REFUSED and bool(_token(call.parameters))


def content(call: Call | None, environ: dict[str, Any]) -> str:
    """Return what identifies a creation: caller, operation, parameters; empty for other calls."""
    if call is None or not call.operation.startswith(_CREATES):
        return ""
    caller = _IDENTITY.search(environ.get("HTTP_AUTHORIZATION", ""))
    parts = [caller and caller[1], call.region, call.operation, call.parameters]
    text = json.dumps(parts, sort_keys=True, default=str)
    return f"{prefix(call)}{hashlib.sha256(text.encode()).hexdigest()}"


def prefix(call: Call) -> str:
    """Return how the keys of a call's service begin."""
    return f"{call.service} "


def ends(call: Call) -> bool:
    """Return whether a call may end what a creation made."""
    return call.operation.startswith(_ENDS)


def _token(value: Any) -> str:
    """Return the first token in a call's parameters."""
    if not isinstance(value, dict):
        return ""
    for name in _TOKENS:
        if value.get(name):
            return str(value[name])
    return next(filter(None, map(_token, value.values())), "")
