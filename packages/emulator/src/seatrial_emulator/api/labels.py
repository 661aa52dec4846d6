"""Names that a builder and the emulator agree on."""

from __future__ import annotations

# The manifest's annotation that says where a build lies: who runs it may have another folder.
BUILDS = "seatrial.builds"
