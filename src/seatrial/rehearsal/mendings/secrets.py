"""GetSecretValue without a version returns the version that has AWSCURRENT (Secrets Manager API
reference, GetSecretValue and UpdateSecretVersionStage).

moto moves the label but goes on returning the version that had it first.
Test: tests/rehearsal/test_mendings.py::test_moved_label_takes_effect.
"""

from __future__ import annotations

from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend as Backend


def apply() -> None:
    """Follow the label."""
    move, put = Backend.update_secret_version_stage, Backend.put_secret_value

    def update_secret_version_stage(
        self: Any, secret_id: str, version_stage: str,
        remove_from_version_id: str, move_to_version_id: str,
    ) -> Any:  # fmt: skip
        answer = move(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
        if version_stage == "AWSCURRENT" and move_to_version_id:
            self.secrets[secret_id].set_default_version_id(move_to_version_id)
        return answer

    def put_secret_value(self: Any, secret_id: str, *given: Any, **fields: Any) -> Any:
        answer = put(self, secret_id, *given, **fields)
        secret = self.secrets[secret_id]
        if secret.default_version_id is None:
            current = [v for v, row in secret.versions.items()
                       if "AWSCURRENT" in row["version_stages"]]  # fmt: skip
            secret.set_default_version_id(current[0] if current else None)
        return answer

    Backend.update_secret_version_stage = update_secret_version_stage
    Backend.put_secret_value = put_secret_value
