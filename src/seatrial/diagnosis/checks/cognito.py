"""Cognito: sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from seatrial.diagnosis.check import COMMAND, PROGRAM, Check, Evidence, either, said
from seatrial.diagnosis.facts import Facts

HERE = ("localhost", "127.0.0.1", "::1")


def _plain_callback(facts: Facts) -> Iterator[Evidence]:
    for client in facts.clients:
        for address in client.callbacks:
            parts = urlsplit(address)
            if parts.scheme == "http" and parts.hostname not in HERE:
                text = f"cognito-idp.describe_user_pool_client: {client.name} calls back {address}"
                yield Evidence(text)


def _flows(facts: Facts) -> Iterator[Evidence]:
    where = "cognito-idp.describe_user_pool_client"
    for client in facts.clients:
        if client.callbacks and not client.uses_flows:
            yield Evidence(f"{where}: {client.name}: AllowedOAuthFlowsUserPoolClient is false")
        elif "implicit" in client.flows:
            text = f"{where}: {client.name} allows the implicit flow"
            yield Evidence(text, "", "", "warning")


CHECKS = (
    Check(
        id="D90",
        title="Cognito refuses a callback",
        cause="Callback addresses are HTTPS; plain HTTP is for localhost alone.",
        fix="Use the app's HTTPS address: with `edge: cdn`, or with `domain`.",
        command="seatrial outputs{at}",
        look=either(_plain_callback, said(r"cannot use the HTTP protocol", of=COMMAND)),
    ),
    Check(
        id="D92",
        title="the OAuth flow is not allowed",
        cause="The app client does not allow the flow, the scope or the callback that was asked "
        "for.",
        fix="Use the code flow with PKCE, which is what a deploy allows.",
        command="{deploy}",
        look=either(
            _flows,
            said(
                r"InvalidOAuthFlowException|CallbackUrls can ?not be empty",
                r"unauthorized_client|invalid_scope|redirect_mismatch",
                of=PROGRAM,
            ),
        ),
    ),
    Check(
        id="D93",
        title="the secret hash is missing",
        cause="The app client has a secret, and the program sends no SECRET_HASH with it.",
        fix="Send SECRET_HASH from the server; a page in the browser uses a client without secret.",
        command="seatrial outputs{at}",
        look=said(r"(?i)unable to verify secret hash|SECRET_HASH was not received", of=PROGRAM),
    ),
    Check(
        id="D94",
        title="a user cannot sign in",
        cause="The user is not confirmed, must set a password, or too many e-mails were sent: "
        "without SES, Cognito sends 50 a day.",
        fix="Confirm the user or reset the password; send e-mails through SES in production.",
        command="aws cognito-idp admin-get-user --user-pool-id POOL --username NAME",
        look=said(
            r"UserNotConfirmedException|PasswordResetRequiredException|InvalidPasswordException",
            r"LimitExceededException",
            of=PROGRAM,
        ),
    ),
)
