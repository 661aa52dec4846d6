"""Values of secrets from the command's environment, a `.env` file, or Vault."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from seatrial.errors import Problem, UsageError, UserError
from seatrial_runtime.contract import variable

if TYPE_CHECKING:
    from seatrial.appfile.load import AppFile
    from seatrial.ops.secret import SecretStatus


def source(file: str | None) -> Callable[[str], str | None]:
    """Return a lookup of secrets' values: in the file, then in the environment.

    ``openai-api-key`` is ``OPENAI_API_KEY`` in both. Raises UsageError for an unreadable file.
    """
    values = read(Path(file)) if file else {}

    def value(noun: str) -> str | None:
        name = variable(noun)
        return values.get(noun) or values.get(name) or os.environ.get(name) or None

    return value


def deliver(found: AppFile) -> str:
    """Bring the values set for rehearsals to those that run; return what to do next."""
    from seatrial.appfile import load
    from seatrial.rehearsal import session, values

    restarts = []
    for name in found.environments:
        if running := session.find(found.folder, name):
            app = load.app_for(found, name)
            values.deliver(found.folder, app, running, lambda _: None)
            where = "" if name == load.BASE else f" --env {name} --rehearsal"
            restarts.append(f"`seatrial restart{where}`")
    if not restarts:
        return "the next `seatrial up` uses it"
    return f"to use it in the rehearsal that runs: {', '.join(restarts)}"


def word(secret: SecretStatus) -> str:
    """Return what a list says of a secret's value."""
    return "placeholder" if secret.placeholder else "set" if secret.set else "none"


def require_file(name: str | None) -> Path:
    """Return the file to import; raises UsageError where none was named."""
    if name is None:
        raise UsageError(Problem("usage-file", "no file to import", "Name a `.env` file."))
    return Path(name)


def read(file: Path) -> dict[str, str]:
    """Return the values of a `.env` file; raises UsageError."""

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            Problem("usage-file", f"cannot read {file}: {error}", "Name a readable `.env` file.")
        ) from error
    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value}


def read_vault(path: str, mount: str) -> dict[str, str]:
    """Return the values of one secret of Vault's KV store, version 2; raises UserError.

    Address and token come from Vault's own variables. A value that is not a string is taken as
    JSON.
    """
    try:
        import hvac
        from hvac.exceptions import VaultError
    except ImportError as error:
        raise UserError.of(
            "secret-vault",
            "the package `hvac` is not installed",
            "Install it: `pip install 'seatrial[vault]'`.",
        ) from error
    address = os.environ.get("VAULT_ADDR", "")
    client = hvac.Client(url=address or None, token=os.environ.get("VAULT_TOKEN"))
    try:
        found = client.secrets.kv.v2.read_secret_version(
            path=path, mount_point=mount, raise_on_deleted_version=True
        )
        rows = found["data"]["data"]
    except (VaultError, OSError, KeyError, TypeError, ValueError) as error:
        raise UserError.of(
            "secret-vault",
            f"cannot read {mount}/{path} from Vault at {address or '(no VAULT_ADDR)'}: {error}",
            "Check VAULT_ADDR, VAULT_TOKEN, the path and --mount.",
        ) from error
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in rows.items()}
