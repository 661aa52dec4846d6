"""The secret of an access key: a user's, or a role's that was assumed."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from seatrial_emulator.api.signature import SignatureError


class AccessKeys:
    """Finds secrets in moto's records; ``backend`` returns those of a service."""

    def __init__(self, backend: Callable[[str], Any]) -> None:
        self.backend = backend
        self.roles: dict[str, Any] = {}  # by access key: those that were looked up

    def secret(self, access_key: str, token: str, now: datetime) -> str:
        """Return the secret of a key; raises SignatureError for one that does not hold."""
        if (own := self._of_user(access_key)) is not None:
            if token:
                raise SignatureError("invalid token")
            return own
        return self._of_role(access_key, token, now)

    def _of_user(self, access_key: str) -> str | None:
        for user in list(self.backend("iam").users.values()):
            for key in user.access_keys:
                if key.access_key_id == access_key and key.status == "Active":
                    return str(key.secret_access_key)
        return None

    def _of_role(self, access_key: str, token: str, now: datetime) -> str:
        role = self._role(access_key)
        if role is None:
            raise SignatureError("unknown key")
        if not hmac.compare_digest(role.session_token.encode(), token.encode()):
            raise SignatureError("invalid token")
        if _utc(role.expiration) <= now:
            raise SignatureError("token expired")
        return str(role.secret_access_key)

    def _role(self, access_key: str) -> Any:
        if access_key not in self.roles:
            found = self.backend("sts").get_assumed_role_from_access_key(access_key)
            if found is None:
                return None
            self.roles[access_key] = found
        return self.roles[access_key]


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
