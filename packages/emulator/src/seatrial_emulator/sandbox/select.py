"""Which sandbox: namespaces where the machine lets us, else loopback."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial_emulator.sandbox.loopback import Loopback
from seatrial_emulator.sandbox.namespaces import Namespaces, available

Sandbox = Namespaces | Loopback
VARIABLE = "SEATRIAL_SANDBOX"


def choose(folder: Path, private: Path) -> Sandbox:
    """Return this machine's sandbox; ``SEATRIAL_SANDBOX=namespaces|loopback`` forces one.

    ``private`` is the folder of all rehearsals, which tasks do not see where that can be.
    """
    forced = os.environ.get(VARIABLE, "")
    if forced == "loopback" or (forced != "namespaces" and not available()):
        return Loopback(folder)
    return Namespaces(folder, private)
