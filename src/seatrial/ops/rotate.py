"""Rotate: a new value for a secret or a database's password, and its users started anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seatrial.cloud import secrets
from seatrial.errors import UserError
from seatrial.events import Emit
from seatrial.model.app import App
from seatrial.ops import composing, database_logins, migrate, secret_generation
from seatrial.ops.release import stability
from seatrial.ops.release.operation import Destination, Operation, locked_operation
from seatrial.ops.secret import refuse_existing


@dataclass(frozen=True)
class RotateReport:
    """What was rotated, and which services were started anew for it."""

    noun: str
    restarted: tuple[str, ...]
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)


def rotate(app: App, place: Destination, noun: str, given: str | None, emit: Emit) -> RotateReport:
    """Rotate a noun's secret value; ``given`` is the value of a secret that is set by hand.

    Raises UserError where the noun has none, or a value is needed and missing.
    """
    with locked_operation(app, place, "seatrial secret rotate", emit) as work:
        with work.steps.step("rotate"):
            _change(work, noun, given)
            composing.compose(work)
        names = migrate.restart(work.session, app, work.cluster, {noun})
        if names:
            stability.steady(work, names)
        return RotateReport(noun, tuple(names), work.steps.seconds)


def _change(work: Operation, noun: str, given: str | None) -> None:
    if noun in work.app.databases:
        database_logins.rotate(work, noun, again=True)
        return
    secret = work.app.secrets.get(noun)
    if secret is None:
        known = ", ".join([*sorted(work.app.databases), *sorted(work.app.secrets)])
        raise UserError.of(
            "usage-secret",
            f"`{noun}` is neither a secret nor a database",
            f"Name one of: {known or 'there is none'}.",
        )
    refuse_existing(work.app, noun)
    value = secret_generation.generated(secret) if secret.generate and given is None else given
    if not value:
        raise UserError.of(
            "secret-missing",
            f"the secret `{noun}` is set by hand, but no value was given",
            "Pass it on standard input.",
            f"secrets.{noun}",
        )
    secrets.put(work.session, work.secret(noun), value)
