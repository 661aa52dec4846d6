"""GetSecretValue without a version returns the version that has AWSCURRENT (Secrets Manager API
reference, GetSecretValue and UpdateSecretVersionStage).

moto moves the label but goes on returning the version that had it first. Beside that, values are
kept in the rehearsal's folder (mode 0600), so that a secret of that name has its value again in
the next rehearsal.
Test: tests/emulator/test_patches.py::test_moved_label_takes_effect.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend as Backend

FILE_VARIABLE = "SEATRIAL_SECRETS"
_WRITING = threading.Lock()


def apply() -> None:
    """Follow the label, and keep values."""
    create, delete = Backend.create_secret, Backend.delete_secret
    move, put = Backend.update_secret_version_stage, Backend.put_secret_value

    def update_secret_version_stage(
        self: Any,
        secret_id: str,
        version_stage: str,
        remove_from_version_id: str,
        move_to_version_id: str,
    ) -> Any:
        answer = move(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
        if version_stage == "AWSCURRENT" and move_to_version_id:
            self.secrets[secret_id].set_default_version_id(move_to_version_id)
            _keep(self.secrets[secret_id])
        return answer

    def put_secret_value(self: Any, secret_id: str, *given: Any, **fields: Any) -> Any:
        answer = put(self, secret_id, *given, **fields)
        secret = self.secrets[secret_id]
        if secret.default_version_id is None:
            current = [
                v for v, row in secret.versions.items() if "AWSCURRENT" in row["version_stages"]
            ]
            secret.set_default_version_id(current[0] if current else None)
        _keep(secret)
        return answer

    def create_secret(self: Any, name: str, *given: Any, **fields: Any) -> Any:
        answer = create(self, name, *given, **fields)
        if (value := _kept().get(name)) is not None:
            put(self, name, value, None, None, ["AWSCURRENT"])
        return answer

    def delete_secret(self: Any, secret_id: str, *given: Any, **fields: Any) -> Any:
        name = self.secrets[secret_id].name if secret_id in self.secrets else ""
        answer = delete(self, secret_id, *given, **fields)
        _write({key: value for key, value in _kept().items() if key != name})
        return answer

    Backend.create_secret = create_secret
    Backend.delete_secret = delete_secret

    Backend.update_secret_version_stage = update_secret_version_stage
    Backend.put_secret_value = put_secret_value


def _kept() -> dict[str, str]:
    path = os.environ.get(FILE_VARIABLE)
    if not path or not Path(path).exists():
        return {}
    found: dict[str, str] = json.loads(Path(path).read_text())
    return found


def _keep(secret: Any) -> None:
    version = secret.versions.get(secret.default_version_id) or {}
    if "secret_string" in version:
        _write({**_kept(), secret.name: version["secret_string"]})


def _write(values: dict[str, str]) -> None:
    path = os.environ.get(FILE_VARIABLE)
    if path:
        with _WRITING:
            part = Path(path).with_suffix(".part")
            part.touch(mode=0o600)
            part.write_text(json.dumps(values))
            part.replace(path)
