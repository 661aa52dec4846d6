"""Values that an account has before anything is deployed to it: secrets and parameters."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial_emulator.api.patches import secrets
from seatrial_emulator.api.server import Emulator


def keep(emulator: Emulator, values: Mapping[str, str]) -> None:
    """Give secrets, by their whole ARNs, and parameters, by their names, these values."""
    with emulator.lock:
        for name, text in values.items():
            if name.startswith("arn:"):
                secrets.put_existing(emulator.backend("secretsmanager"), name, text)
            else:
                _parameter(emulator, name, text)


def _parameter(emulator: Emulator, name: str, text: str) -> None:
    store = emulator.backend("ssm")
    found = store.get_parameter(name)
    if found is None or found.decrypt(found.value) != text:
        store.put_parameter(
            name=name,
            description="",
            value=text,
            parameter_type="SecureString",
            allowed_pattern="",
            keyid="",
            overwrite=True,
            tags=[],
            data_type="text",
            tier=None,
            policies=None,
        )
