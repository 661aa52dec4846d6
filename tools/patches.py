"""Record which source of moto each patch of the emulator was written against.

Run it after a new moto was read patch by patch (the test names what changed); the diff of
``tests/emulator/patched_moto.json`` is the review.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from seatrial_emulator.api import patches
from seatrial_emulator.api.patches import patch

FILE = Path(__file__).parents[1] / "tests/emulator/patched_moto.json"


def main() -> None:
    """Write the file."""
    patches.apply()
    rows = {"moto": version("moto"), "sources": patch.fingerprints()}
    FILE.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
