"""What a service of AWS does with a role that it was given: it reads objects and secrets.

Bedrock's knowledge bases and agents work so. Every method takes the emulator's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial_emulator.api import records

if TYPE_CHECKING:
    from seatrial_emulator.api.server import Emulator


@dataclass(frozen=True)
class Object:
    """One object of a bucket."""

    key: str
    etag: str
    data: bytes


class ServiceRoles:
    """The roles of an account, as a service uses them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def assumable(self, role: str, service: str) -> bool:
        """Return whether a role exists and trusts a service."""
        with self.emulator.lock:
            return records.trusts(self.emulator, role, f"{service}.amazonaws.com")

    def allows(self, role: str, action: str, resource: str) -> bool:
        """Return whether a role exists and its policies allow an action."""
        with self.emulator.lock:
            roles = {each.arn for each in self.emulator.backend("iam").roles.values()}
            return role in roles and records.allowed(self.emulator, role, action, resource)

    def objects(self, bucket: str) -> Iterator[Object]:
        """Yield the newest objects of a bucket; none where there is no such bucket."""
        from moto.s3.exceptions import MissingBucket

        with self.emulator.lock:
            try:
                found = self.emulator.backend("s3").get_bucket(bucket)
            except MissingBucket:
                return
            rows = list(found.keys.items())
        for key, row in rows:
            yield Object(key, row.etag.strip('"'), row.value)

    def secret(self, arn: str) -> str | None:
        """Return a secret's value; None where it has none."""
        from moto.secretsmanager.exceptions import SecretsManagerClientError

        with self.emulator.lock:
            try:
                store = self.emulator.backend("secretsmanager")
                found = store.get_secret_value(arn, "", "AWSCURRENT")
            except SecretsManagerClientError:
                return None
            text = found.get("SecretString")
            return str(text) if text is not None else None
