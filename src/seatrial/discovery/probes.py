"""Health checks written as commands: the path that they request."""

from __future__ import annotations

import re
from typing import Any

from seatrial.discovery import files

_ADDRESS = re.compile(
    r"(?:https?://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\S+?)?(/[^\s\"'|;)]*)"
)


def path(command: Any) -> str:
    """Return the path that a command of a health check requests; empty where it requests none."""
    line = " ".join(str(word) for word in files.listing(command))
    found = _ADDRESS.search(line)
    return found[1] if found else ""
