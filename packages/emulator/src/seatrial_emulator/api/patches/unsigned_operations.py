"""IAM lets operations through that AWS serves without a signature.

moto knows a part of Amazon Cognito's, and fails with 500 for a request without a header. Which they
are stands in ``api.gate``, which checks signatures, and gives presigned requests their header.
Tests: tests/emulator/test_s3.py::test_presigned_urls_carry_the_grants_of_their_signer and
tests/emulator/test_gate.py.
"""

from __future__ import annotations

from moto.core.authorization import ActionAuthenticatorMixin

from seatrial_emulator.api import gate
from seatrial_emulator.api.patches.patch import replace


def apply() -> None:
    """Name the operations that need no signature."""
    replace(ActionAuthenticatorMixin, "PUBLIC_OPERATIONS", sorted(gate.UNSIGNED))
