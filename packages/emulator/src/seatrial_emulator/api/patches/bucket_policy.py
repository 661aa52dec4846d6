"""A bucket with delete markers can be emptied (S3 API reference, DeleteObject).

moto fails on them when a versioned bucket is emptied. Conditions of a bucket's policy are
``iam_policies``'s matter: the usual "deny what is not TLS" denies nothing here, where there is no
TLS to AWS's APIs, and the report says so.
Test: tests/emulator/test_s3.py::test_a_tls_only_bucket_can_be_used.
"""

from __future__ import annotations

from typing import Any

from moto.s3 import models

from seatrial_emulator.api.patches.patch import add


def apply() -> None:
    """Let delete markers be disposed of."""
    add(models.FakeDeleteMarker, "dispose", _dispose)


def _dispose(self: Any, *, garbage: bool = False) -> None:
    """Free nothing: a marker has no value."""
