"""Whether a task sent something that its network has no route for: it did not ask the proxy.

In namespaces a program's own connection to the internet, or its question to a name server, ends at
once ("Network is unreachable"), where AWS would route it. The kernel counts each in the network's
own table (RFC 4293, ipSystemStatsOutNoRoutes); nothing needs to listen.
"""

from __future__ import annotations

import os
from pathlib import Path

NOTE = (
    "{service}: it opens connections or asks for names without the proxy (HTTPS_PROXY); that fails "
    "in a rehearsal, and the proxy lets out what AWS would (docs/programs.md, Egress)"
)


def count(pid: int) -> int:
    """Return how often a process's network had no route; 0 in this process's own network."""
    try:
        if os.readlink(f"/proc/{pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            return 0
        lines = Path(f"/proc/{pid}/net/snmp").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return 0
    names, values = (line.split() for line in lines if line.startswith("Ip:"))
    return int(dict(zip(names, values, strict=True)).get("OutNoRoutes", 0))
