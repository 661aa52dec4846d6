"""Has every secret its value, with every key? (doctor catalogue, D10, D13, D16, D17.)"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cloud import secrets
from seatrial.model.secret import Secret
from seatrial.ops.secret import lacking
from seatrial.ops.verify.finding import Case, Finding
from seatrial.resources.context import Context
from seatrial_runtime.contract import variable


def check(case: Case) -> Iterator[Finding]:
    """Look at every secret that the app file names."""
    for noun, secret in sorted(case.app.secrets.items()):
        name = Context(case.app).secret(noun)
        if secrets.scheduled(case.session, name):
            yield _scheduled(noun, name)
            continue
        found = secrets.value(case.session, name)
        text = found[0] if found else None if secret.generate else case.source(noun)
        yield from _value(case.app.environment, noun, secret, text)


def _scheduled(noun: str, name: str) -> Finding:
    return Finding(
        code="verify-secret-deleted",
        severity="warning",
        title=f"the secret `{noun}` is scheduled for deletion",
        evidence=f"{name} has a deletion date",
        cause="It was deleted; its name stays reserved until its recovery window ends.",
        fix="The deploy restores it with its last value; another one: `seatrial secret rotate`.",
        key=f"secrets.{noun}",
    )


def _value(environment: str, noun: str, secret: Secret, text: str | None) -> Iterator[Finding]:
    if text is None:
        if not secret.generate:
            yield Finding(
                code="verify-secret-missing",
                severity="error",
                title=f"the secret `{noun}` has no value",
                evidence="neither Secrets Manager nor this command's environment has one",
                cause="A secret set by hand is never generated.",
                fix=f"`seatrial secret set {noun} --env {environment}`; before the first deploy: "
                f"{variable(noun)} in the environment, or `--secrets FILE`.",
                key=f"secrets.{noun}",
            )
        return
    if missing := lacking(secret, text):
        yield Finding(
            code="verify-secret-keys",
            severity="error",
            title=f"the secret `{noun}` lacks {', '.join(missing)}",
            evidence=f"the app file names {', '.join(secret.keys)}",
            cause="A task that reads a missing key does not start.",
            fix="Set it again with every key, as one JSON object: "
            f"`seatrial secret set {noun} --env {environment}`.",
            key=f"secrets.{noun}.keys",
        )
