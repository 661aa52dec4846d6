"""Which wire: namespaces where the machine lets us, else loopback."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial_emulator.sandbox.loopback import Loopback
from seatrial_emulator.sandbox.namespaces import Isolated, available

Wire = Isolated | Loopback
FORCED = "SEATRIAL_WIRE"


def wire(folder: Path) -> Wire:
    """Return the wire for this machine; ``SEATRIAL_WIRE`` forces one."""
    forced = os.environ.get(FORCED, "")
    if forced == "loopback" or (forced != "isolated" and not available()):
        return Loopback(folder)
    return Isolated(folder)
