"""An image's digest is the sha256 of its manifest (OCI image specification, "Descriptors").

moto derives it from the layers, so that every image without layers has the same one.
Test: tests/emulator/test_patches.py::test_an_image_digest_is_the_sha256_of_its_manifest.
"""

from __future__ import annotations

import hashlib
from typing import Any

from moto.ecr import models

from seatrial_emulator.api.patches.patch import replace


def apply() -> None:
    """Take the digest from the manifest."""
    replace(models.Image, "_create_digest", _create_digest)


def _create_digest(self: Any) -> None:
    self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()
