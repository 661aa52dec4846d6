"""GetSecretValue without a version returns the version that has AWSCURRENT (Secrets Manager API
reference, GetSecretValue and UpdateSecretVersionStage).

moto moves the label but goes on returning the version that had it first. Beside that, values are
stored in the rehearsal's folder (mode 0600), so that a secret of that name has its value again in
the next rehearsal.
Test: tests/emulator/test_patches.py::test_moving_awscurrent_changes_the_value.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend as Backend

from seatrial_emulator.api.patches.patch import wrap

FILE_VARIABLE = "SEATRIAL_SECRETS"
_WRITING = threading.Lock()


Original = Callable[..., Any]


def apply() -> None:
    """Follow the label, and store values."""
    wrap(Backend, "create_secret", _create)
    wrap(Backend, "delete_secret", _delete)
    wrap(Backend, "update_secret_version_stage", _move_stage)
    wrap(Backend, "put_secret_value", _put_value)


def _move_stage(move: Original, self: Any, **fields: Any) -> Any:
    answer = move(self, **fields)
    if fields["version_stage"] == "AWSCURRENT" and fields["move_to_version_id"]:
        secret = self.secrets[fields["secret_id"]]
        secret.set_default_version_id(fields["move_to_version_id"])
        _store(secret)
    return answer


def _put_value(put: Original, self: Any, secret_id: str, *given: Any, **fields: Any) -> Any:
    answer = put(self, secret_id, *given, **fields)
    secret = self.secrets[secret_id]
    if secret.default_version_id is None:
        current = [v for v, row in secret.versions.items() if "AWSCURRENT" in row["version_stages"]]
        secret.set_default_version_id(current[0] if current else None)
    _store(secret)
    return answer


def _create(create: Original, self: Any, name: str, *given: Any, **fields: Any) -> Any:
    answer = create(self, name, *given, **fields)
    if (value := _stored().get(name)) is not None:
        self.put_secret_value(name, value, None, None, ["AWSCURRENT"])
    return answer


def _delete(delete: Original, self: Any, secret_id: str, *given: Any, **fields: Any) -> Any:
    name = self.secrets[secret_id].name if secret_id in self.secrets else ""
    answer = delete(self, secret_id, *given, **fields)
    _write({key: value for key, value in _stored().items() if key != name})
    return answer


def _stored() -> dict[str, str]:
    path = os.environ.get(FILE_VARIABLE)
    if not path or not Path(path).exists():
        return {}
    found: dict[str, str] = json.loads(Path(path).read_text())
    return found


def _store(secret: Any) -> None:
    version = secret.versions.get(secret.default_version_id) or {}
    if "secret_string" in version:
        _write({**_stored(), secret.name: version["secret_string"]})


def _write(values: dict[str, str]) -> None:
    path = os.environ.get(FILE_VARIABLE)
    if path:
        with _WRITING:
            part = Path(path).with_suffix(".part")
            part.touch(mode=0o600)
            part.write_text(json.dumps(values))
            part.replace(path)


def put_existing(backend: Any, arn: str, text: str) -> None:
    """Give a secret that is there before anything is deployed a value, and make it if it is not.

    It keeps the ARN that it is asked for by, also where that is another account's.
    """
    found = backend.secrets.get(arn)
    if found is None:
        name = arn.split(":", 6)[-1].rpartition("-")[0]
        backend.create_secret(
            name=name,
            secret_string=text,
            secret_binary=None,
            description=None,
            tags=None,
            kms_key_id=None,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        backend.secrets[name].arn = arn
    elif found.versions[found.default_version_id].get("secret_string") != text:
        backend.put_secret_value(
            arn,
            secret_string=text,
            secret_binary="",
            client_request_token="",
            version_stages=["AWSCURRENT"],
        )
