"""Between foundation and release: every secret gets a value, every database its passwords."""

from __future__ import annotations

import json
import secrets as random
import string
from collections.abc import Callable
from urllib.parse import quote

from seatrial.cloud import databases, secrets
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.model.secret import Secret
from seatrial.ops.secret import absent
from seatrial.ops.secret import value as stored

LETTERS = string.ascii_letters + string.digits  # no character that RDS or a URL would refuse
PASSWORD_LENGTH = 40

# Where values come from that nobody may make up; None where there is none.
Source = Callable[[str], str | None]


def secret_values(
    session: Session, app: App, arns: dict[str, str], source: Source, emit: Emit
) -> None:
    """Give a value to every secret that has none; raises UserError naming all that lack one.

    ``arns`` are those of the secrets that the app has made.
    """
    missing = []
    for noun, secret in sorted(app.secrets.items()):
        if stored(app, session, noun) is not None:
            continue
        value = None
        if not secret.existing:
            value = generated(secret) if secret.generate else source(noun)
        if value is None:
            missing.append(absent(app, noun))
        else:
            secrets.put(session, arns[noun], value)
            if secret.generate:
                emit(Note(f"secret {noun}: generated a value"))
    if missing:
        raise UserError(*missing)


def generated(secret: Secret) -> str:
    """Return a new value for a secret that is generated, in its shape."""

    def one() -> str:
        return "".join(random.choice(LETTERS) for _ in range(secret.generate))

    return json.dumps({key: one() for key in secret.keys}) if secret.keys else one()


def database_password(session: Session, identifier: str, arn: str, *, again: bool = False) -> bool:
    """Rotate the password of a database's owner; True where it changed."""
    instance = databases.wait_available(session, identifier)

    def give(password: str) -> None:
        databases.set_password(session, identifier, password)

    return login_password(session, instance, instance.user, arn, give, again=again)


def login_password(
    session: Session,
    instance: databases.Instance,
    user: str,
    arn: str,
    give: Callable[[str], None],
    *,
    again: bool,
) -> bool:
    """Rotate a login's password where that is due, or ``again``; True where it changed.

    ``give`` lets the login have the pending one. The first deploy is the first rotation. AWSPENDING
    present means that one was interrupted: its value is taken up again. A value made for another
    instance (restored, replaced) is rotated.
    """
    pending = secrets.value(session, arn, secrets.PENDING)
    current = secrets.value(session, arn)
    if not again and pending is None and current and _fits(current[0], instance):
        return False
    if pending is None or not _fits(pending[0], instance):
        password = "".join(random.choice(LETTERS) for _ in range(PASSWORD_LENGTH))
        text = json.dumps(_value(instance, user, password))
        pending = text, secrets.put(session, arn, text, secrets.PENDING)
    give(json.loads(pending[0])["password"])
    secrets.finish_rotation(session, arn, pending[1])
    return True


def _fits(text: str, instance: databases.Instance) -> bool:
    try:
        return bool(json.loads(text)["resource_id"] == instance.resource_id)
    except (ValueError, KeyError, TypeError):
        return False


def _value(instance: databases.Instance, user: str, password: str) -> dict[str, object]:
    # A driver of PostgreSQL takes `sslmode` from an address; those of MySQL agree on no such word.
    scheme, more = (
        ("mysql", "") if instance.engine == "mysql" else ("postgresql", "?sslmode=require")
    )
    url = (
        f"{scheme}://{quote(user)}:{quote(password)}@{instance.host}:"
        f"{instance.port}/{quote(instance.database)}{more}"
    )
    return {
        "engine": instance.engine,
        "host": instance.host,
        "port": instance.port,
        "dbname": instance.database,
        "username": user,
        "password": password,
        "url": url,
        "sslmode": "require",
        "resource_id": instance.resource_id,
    }
