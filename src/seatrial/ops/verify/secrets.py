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
        "verify-secret-deleted",
        "error",
        f"the secret `{noun}` is scheduled for deletion",
        f"{name} has a deletion date",
        "It was deleted; its name stays reserved until its recovery window ends.",
        f"`aws secretsmanager restore-secret --secret-id {name}`, or wait until it is deleted.",
        f"secrets.{noun}",
    )


def _value(environment: str, noun: str, secret: Secret, text: str | None) -> Iterator[Finding]:
    if text is None:
        if not secret.generate:
            yield Finding(
                "verify-secret-missing",
                "error",
                f"the secret `{noun}` has no value",
                "neither Secrets Manager nor this command's environment has one",
                "A secret set by hand is never generated.",
                f"`seatrial secret set {noun} --env {environment}`; before the first deploy: "
                f"{variable(noun)} in the environment, or `--secrets FILE`.",
                f"secrets.{noun}",
            )
        return
    if missing := lacking(secret, text):
        yield Finding(
            "verify-secret-keys",
            "error",
            f"the secret `{noun}` lacks {', '.join(missing)}",
            f"the app file names {', '.join(secret.keys)}",
            "A task that reads a missing key does not start.",
            f"Set it again with every key, as one JSON object: `seatrial secret set {noun} --env "
            f"{environment}`.",
            f"secrets.{noun}.keys",
        )
