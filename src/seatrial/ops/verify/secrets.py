"""Has every secret its value, with every key? (doctor catalogue, D10, D13, D16, D17.)"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cloud import secrets
from seatrial.model.app import App
from seatrial.model.secret import Secret
from seatrial.ops.secret import absent, lacking, place, value
from seatrial.ops.verify.finding import Case, Finding
from seatrial_runtime.contract import variable


def check(case: Case) -> Iterator[Finding]:
    """Look at every secret that the app file names."""
    for noun, secret in sorted(case.app.secrets.items()):
        name = place(case.app, noun)
        if not secret.parameter and secrets.scheduled(case.session, name):
            yield _scheduled(noun, name)
            continue
        text = value(case.app, case.session, noun)
        if secret.existing and text is None:
            yield _absent(case.app, noun)
            continue
        if text is None and not secret.generate:
            text = case.source(noun)
        yield from _value(case.app.environment, noun, secret, text)


def _absent(app: App, noun: str) -> Finding:
    """A value that somebody else keeps is never given one here."""
    why = absent(app, noun)
    return Finding(
        code="verify-secret-missing",
        severity="error",
        title=f"the secret `{noun}` is not there",
        evidence=why.message,
        cause="The app file says that it exists already: nothing here makes it.",
        fix=why.fix,
        key=f"secrets.{noun}",
    )


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
