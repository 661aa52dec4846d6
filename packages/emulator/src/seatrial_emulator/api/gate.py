"""Who may call the emulator: what stands in front of every request to its port.

The port is open to every program and every user of the machine, and to every page in a browser
here. So a request must name this address (a page elsewhere can let its own name lead here: DNS
rebinding), must come from no foreign page, and must be signed by a key of the account, as on AWS.
"""

from __future__ import annotations

import hmac
import io
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from seatrial_emulator.api import browsers, payload, refusals, signature
from seatrial_emulator.api.access_keys import AccessKeys
from seatrial_emulator.api.signature import Claim, SignatureError

TOKEN_HEADER = "HTTP_X_SEATRIAL_TOKEN"  # noqa: S105
# Paths of moto's own administration and of an instance's metadata: nothing of AWS's API.
_NO_API = re.compile(r"/+(moto-api|latest/(meta-data|api|dynamic|user-data)|favicon\.ico)(/|$)")
_KEY_SETS = re.compile(r"/[\w-]+/\.well-known/(jwks|openid-configuration)(\.json)?")
# Operations that AWS serves without a signature (Amazon Cognito developer guide, "Amazon Cognito
# user pools API authentication": unauthenticated, and by the user's own token). STS's operations
# with somebody else's token are not among them: nobody here checks that token.
_OF_USERS = (
    "AssociateSoftwareToken",
    "ChangePassword",
    "CompleteWebAuthnRegistration",
    "ConfirmDevice",
    "ConfirmForgotPassword",
    "ConfirmSignUp",
    "DeleteUser",
    "DeleteUserAttributes",
    "DeleteWebAuthnCredential",
    "ForgetDevice",
    "ForgotPassword",
    "GetDevice",
    "GetTokensFromRefreshToken",
    "GetUser",
    "GetUserAttributeVerificationCode",
    "GetUserAuthFactors",
    "GlobalSignOut",
    "InitiateAuth",
    "ListDevices",
    "ListWebAuthnCredentials",
    "ResendConfirmationCode",
    "RespondToAuthChallenge",
    "RevokeToken",
    "SetUserMFAPreference",
    "SetUserSettings",
    "SignUp",
    "StartWebAuthnRegistration",
    "UpdateDeviceStatus",
    "UpdateUserAttributes",
    "VerifySoftwareToken",
    "VerifyUserAttribute",
)
UNSIGNED = {
    *(f"AWSCognitoIdentityProviderService.{name}" for name in _OF_USERS),
    "AWSCognitoIdentityService.GetId",
    "AWSCognitoIdentityService.GetOpenIdToken",
}
LARGEST = 64 << 20  # bytes of a body that is not S3's; AWS takes less everywhere


@dataclass(frozen=True)
class Addresses:
    """Names of this port: ``port`` as given out, ``own`` the app's addresses, ``names`` more.

    ``proxies`` are whole ``host:port`` at which a proxy of the developer's stands before it.
    """

    port: int
    own: Callable[[], Iterable[str]]
    names: frozenset[str] = frozenset()
    proxies: frozenset[str] = frozenset()

    def here(self, host: str) -> bool:
        """Return whether a Host header names this port."""
        if host.lower() in self.proxies:
            return True
        name, _, port = host.lower().partition(":")
        if name in self.names:
            return port in ("", "443", str(self.port))
        loopback = name in ("127.0.0.1", "localhost") or name.endswith(".localhost")
        return loopback and port == str(self.port)


class Gate:
    """Refuses, or lets through with a body that is the signed one."""

    def __init__(self, addresses: Addresses, backend: Callable[[str], Any]) -> None:
        self.addresses, self.backend = addresses, backend
        self.keys = AccessKeys(backend)
        self.token = secrets.token_urlsafe(30)  # of the rehearsal's own processes

    def before(self, environ: dict[str, Any]) -> refusals.Answer | None:
        """Return the answer to what needs no key: a wrong address or page, a browser's question."""
        if not self.addresses.here(environ.get("HTTP_HOST", "")):
            return _plain("403 Forbidden", "This address is not the emulator's.")
        if _NO_API.match(environ["PATH_INFO"]):
            return _plain("404 Not Found", "This is no path of AWS's API.")
        if not browsers.admitted(environ, self.addresses.own(), self.backend):
            return _plain("403 Forbidden", "Pages of this origin may not call the emulator.")
        if browsers.is_preflight(environ):
            return browsers.preflight(environ, self.backend)
        return None

    def trusts(self, environ: dict[str, Any]) -> bool:
        """Return whether a request comes from the rehearsal's own network process."""
        return hmac.compare_digest(environ.get(TOKEN_HEADER, ""), self.token)

    def identify(self, environ: dict[str, Any]) -> refusals.Answer | None:
        """Return why a caller is refused, or None for one whose signature holds.

        The body of a request that is not S3's is read here; S3's is left, for ``check_body``.
        """
        service = ""
        request = _request(environ)
        try:
            claimed = signature.claim(request)
            if claimed is None:
                return self._unsigned(environ)
            service = claimed.scope.service
            now = datetime.now(UTC)
            secret = self.keys.secret(claimed.scope.access_key, claimed.token, now)
            said = _said(environ, claimed)
            signature.check(claimed, request, secret, said, now)
        except SignatureError as error:
            return refusals.answer(error.kind, refusals.protocol(environ, service), error.detail)
        environ["seatrial.signed"] = (claimed, secret, said)
        if claimed.seconds:
            environ.update(_as_headers(claimed))
        return None

    @staticmethod
    def check_body(environ: dict[str, Any]) -> refusals.Answer | None:
        """Return why a body of S3's is refused: it is not the one that was signed."""
        if "seatrial.signed" not in environ:
            return None
        claimed, secret, said = environ["seatrial.signed"]
        try:
            if claimed.s3 and payload.needs_body(said):
                payload.check(said, _body(environ, most=None), claimed, secret)
        except SignatureError as error:
            return refusals.answer(error.kind, "s3")
        return None

    @staticmethod
    def _unsigned(environ: dict[str, Any]) -> refusals.Answer | None:
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target in UNSIGNED:
            return None
        if environ["REQUEST_METHOD"] == "GET" and _KEY_SETS.fullmatch(environ["PATH_INFO"]):
            return None
        if "AWSAccessKeyId=" in environ.get("QUERY_STRING", ""):
            return refusals.answer("version 2", refusals.protocol(environ, ""))
        return missing(environ)


def missing(environ: dict[str, Any]) -> refusals.Answer:
    """Return the refusal of a request that shows nothing."""
    return refusals.answer("missing", refusals.protocol(environ, ""))


def refuse(answer: refusals.Answer, environ: dict[str, Any], start: Any) -> list[bytes]:
    """Send a refusal; the connection is closed after it, for its body was not read."""
    headers = [*answer.headers, *browsers.readable(environ)]
    if int(environ.get("CONTENT_LENGTH") or 0) or "HTTP_TRANSFER_ENCODING" in environ:
        _drain(environ)
        headers.append(("Connection", "close"))
    start(answer.status, headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]


def _drain(environ: dict[str, Any]) -> None:
    """Read what a client still sends, up to a bound: else it sees a reset, and not the answer."""
    left = min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST)
    while left > 0 and (block := environ["wsgi.input"].read(min(left, 1 << 16))):
        left -= len(block)


def _plain(status: str, text: str) -> refusals.Answer:
    body = f"{text}\n".encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    return refusals.Answer(status, headers, body)


def _request(environ: dict[str, Any]) -> signature.Request:
    path, _, query = environ["RAW_URI"].partition("?")
    if "://" in path.partition("?")[0]:  # the form that proxies are sent
        path = "/" + path.split("://", 1)[1].partition("/")[2]
    headers = {
        name[5:].lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.lower().replace("_", "-")] = environ[name]
    return signature.Request(environ["REQUEST_METHOD"], path or "/", query, headers)


def _as_headers(claimed: Claim) -> dict[str, str]:
    """Return what a signed query says as the headers that would, where moto looks for it."""
    found = {
        "HTTP_X_AMZ_DATE": claimed.date,
        "HTTP_AUTHORIZATION": f"{signature.ALGORITHM} Credential={claimed.scope.access_key}/"
        f"{claimed.within}, SignedHeaders={';'.join(claimed.signed_headers)}, "
        f"Signature={claimed.signature}",
    }
    return found | ({"HTTP_X_AMZ_SECURITY_TOKEN": claimed.token} if claimed.token else {})


def _said(environ: dict[str, Any], claimed: Claim) -> str:
    """Return what was signed for the body: S3's header, or the hash of what came."""
    if claimed.s3:
        said = str(environ.get("HTTP_X_AMZ_CONTENT_SHA256", ""))
        if claimed.seconds and signature.CONTENT_HASH not in claimed.signed_headers:
            return signature.UNSIGNED_PAYLOAD
        if not said:
            raise SignatureError("content hash")
        return said
    return sha256(_body(environ, most=LARGEST)).hexdigest()


def _body(environ: dict[str, Any], *, most: int | None) -> bytes:
    """Read the body, and leave it to be read again; raises SignatureError for one too large."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise SignatureError("no length")
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if most is not None and length > most:
        raise SignatureError("too large")
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body
