"""What the emulator reads while it starts."""

from __future__ import annotations

import subprocess
import sys

COUNT = """
import botocore.loaders
read = []
load = botocore.loaders.JSONFileLoader.load_file
def load_file(self, path):
    found = load(self, path)
    read.extend([path] if found is not None else [])
    return found
botocore.loaders.JSONFileLoader.load_file = load_file
import seatrial_emulator.daemon
print(sum(path.endswith("endpoints") for path in read), len(read) - len(set(read)))
"""


def test_the_list_of_regions_is_read_once():
    """Each of moto's own sessions would read it again, a seventh of a second of CPU each."""
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0"]
