"""Values of secrets: which there are, setting them, bringing many at once. None is ever shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.cloud import parameters, secrets
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError, UserError
from seatrial.model.app import App
from seatrial.model.finding import nearest
from seatrial.model.secret import Secret, key_variables
from seatrial.resources.context import Context
from seatrial_runtime.contract import variable


@dataclass(frozen=True, kw_only=True)
class SecretStatus:
    """One secret: ``set`` says whether it has a value, ``missing`` which of its keys it lacks."""

    name: str
    kind: str
    set: bool
    missing: tuple[str, ...]
    changed: str
    placeholder: bool = False  # a rehearsal's, because nobody set a value

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {**self.__dict__, "missing": list(self.missing)}


def place(app: App, noun: str) -> str:
    """Return the name or the ARN by which Secrets Manager, or Parameter Store, knows a secret."""
    found = app.secrets[noun]
    return found.parameter or found.arn or Context(app).secret(noun)


def value(app: App, session: Session, noun: str) -> str | None:
    """Return a secret's value, or None where it has none."""
    if app.secrets[noun].parameter:
        return parameters.value(session, place(app, noun))
    found = secrets.value(session, place(app, noun))
    return found[0] if found else None


def absent(app: App, noun: str) -> Problem:
    """Return the error of a secret without a value, and where to give it one."""
    found = app.secrets[noun]
    where = "Parameter Store" if found.parameter else "Secrets Manager"
    return Problem(
        "secret-missing",
        f"{where} has no value of {place(app, noun)}"
        if found.existing
        else f"the secret `{noun}` has no value",
        f"Create it there, in {app.region}, or correct its name."
        if found.existing
        else f"Set it: `seatrial secret set {noun}`.",
        f"secrets.{noun}",
    )


def refuse_existing(app: App, noun: str) -> None:
    """Raise UserError for a secret that Seatrial uses and never changes."""
    if app.secrets[noun].existing:
        raise UserError.of(
            "secret-existing",
            f"`{noun}` is kept outside of this app, as {place(app, noun)}",
            "Change it there; `seatrial restart` gives services the new value.",
            f"secrets.{noun}",
        )


def described(app: App) -> list[dict[str, str]]:
    """Return each secret's name and where its value comes from; no call, no value."""
    return [{"name": noun, "how": _origin(app.secrets[noun])} for noun in sorted(app.secrets)]


def _origin(secret: Secret) -> str:
    if secret.existing:
        return "exists already"
    return "generated" if secret.generate else "set by hand"


def manual(app: App) -> tuple[str, ...]:
    """Return the secrets whose values nobody may make up."""
    return tuple(noun for noun, secret in app.secrets.items() if not secret.generate)


def placeholder(app: App, noun: str) -> str:
    """Return what stands in a rehearsal for a value that nobody set, in the secret's shape."""
    text, keys = f"rehearsal-placeholder-{noun}", app.secrets[noun].keys
    return json.dumps(dict.fromkeys(keys, text)) if keys else text


def listed(app: App, session: Session) -> tuple[SecretStatus, ...]:
    """Return every secret of an app, with whether it has what its users ask for."""
    return tuple(_status(app, session, noun) for noun in sorted(app.secrets))


def put(app: App, session: Session, noun: str, text: str) -> None:
    """Give a secret a value; raises UserError for an unknown noun, a bad value, or too early."""
    secret = known(app, noun)
    refuse_existing(app, noun)
    refuse(noun, secret, text)
    name = Context(app).secret(noun)
    if not secrets.exists(session, name):
        raise UserError.of(
            "secret-early",
            f"secret {name} is created by the first deploy, which has not run yet",
            f"Pass the value to that deploy: {variable(noun)} in its environment, or "
            "`--secrets FILE`.",
            f"secrets.{noun}",
        )
    secrets.put(session, name, text)


def bring(app: App, given: Mapping[str, str]) -> dict[str, str]:
    """Return which of many values belong to secrets of the app, by noun.

    A name is the noun itself or its variable; ``TOKENS_JWT`` is the key ``jwt`` of ``tokens``.
    Raises UsageError with every value that cannot be.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for noun, secret in sorted(app.secrets.items()):
        text = given.get(noun) or given.get(variable(noun)) or _joined(noun, secret, given)
        if not text:
            continue
        try:
            refuse(noun, secret, text)
        except UsageError as error:
            problems += error.problems
        found[noun] = text
    if problems:
        raise UsageError(*problems)
    return found


def unused(app: App, given: Mapping[str, str]) -> list[str]:
    """Return the names of values that belong to no secret of the app."""
    used = set()
    for noun, secret in app.secrets.items():
        used |= {noun, variable(noun), *key_variables(noun, secret.keys).values()}
    return sorted(given.keys() - used)


def known(app: App, noun: str) -> Secret:
    """Return a secret; raises UsageError for an unknown noun."""
    if noun not in app.secrets:
        fix = nearest(noun, app.secrets, "Add it to `secrets`.")
        raise UsageError(Problem("usage-secret", f"there is no secret `{noun}`", fix))
    return app.secrets[noun]


def refuse(noun: str, secret: Secret, text: str) -> None:
    """Raise UsageError for a value that no task could use; the value is not in the message."""
    why, fix = "", "Give the value on standard input."
    if not text or "\0" in text:
        why = "is empty"
        if not text:
            fix = (
                "Secrets Manager keeps no empty value. Where none is wanted, leave the secret "
                f'out, and write `env: {{{variable(noun)}: ""}}`.'
            )
    elif len(text.encode()) > 65_536:  # Secrets Manager's limit (its API reference)
        why = f"has {len(text.encode())} bytes; Secrets Manager keeps 65,536"
    elif missing := lacking(secret, text):
        why = f"lacks the keys {', '.join(missing)}"
        fix = "Give one JSON object with every key."
    if why:
        key = f"secrets.{noun}"
        raise UsageError(Problem("usage-secret", f"the value of `{noun}` {why}", fix, key))


def _joined(noun: str, secret: Secret, given: Mapping[str, str]) -> str:
    names = key_variables(noun, secret.keys)
    parts = {key: given[name] for key, name in names.items() if name in given}
    return json.dumps(parts) if parts and len(parts) == len(names) and any(parts.values()) else ""


def lacking(secret: Secret, text: str) -> tuple[str, ...]:
    """Return the keys of a secret that a value does not have: all of them, where it is no JSON."""
    if not secret.keys:
        return ()
    try:
        found = json.loads(text)
    except ValueError:
        return tuple(secret.keys)
    return tuple(k for k in secret.keys if not isinstance(found, dict) or k not in found)


def _status(app: App, session: Session, noun: str) -> SecretStatus:
    secret = app.secrets[noun]
    found = value(app, session, noun)
    dummy = found is not None and found == placeholder(app, noun)
    changed = parameters.changed if secret.parameter else secrets.changed
    return SecretStatus(
        name=noun,
        kind="existing" if secret.existing else "generated" if secret.generate else "by hand",
        set=found is not None and not dummy,
        missing=tuple(secret.keys) if found is None else lacking(secret, found),
        changed=changed(session, place(app, noun)),
        placeholder=dummy,
    )
