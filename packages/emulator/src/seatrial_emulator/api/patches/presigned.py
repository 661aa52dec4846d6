"""S3 takes presigned addresses, and refuses whoever shows nothing at all.

Amazon S3 authenticates a request by its query (API reference, "Authenticating Requests: Using Query
Parameters (AWS Signature Version 4)"): the signer's grants decide, until X-Amz-Expires. Version 2
signatures are not taken by buckets made since June 2020; anonymous requests are AccessDenied. moto
looks for a header and fails with 500.
Test: tests/emulator/test_s3.py::test_presigned_addresses.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.access_control import S3IAMRequest
from moto.s3.exceptions import S3AccessDeniedError, S3ClientError

SIGNATURE = "X-Amz-Signature"
NEEDED = (SIGNATURE, "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")


def apply() -> None:
    """Authenticate S3's requests by query where there is no header."""
    original = ActionAuthenticatorMixin._authenticate_and_authorize_action

    def check(self: Any, kind: type, resource: str = "*") -> None:
        if kind is not S3IAMRequest or self.headers.get("Authorization"):
            original(self, kind, resource)
            return
        kept = self.headers
        self.headers = dict(kept) | _as_headers(urlsplit(self.uri).query)
        try:
            original(self, _Presigned, resource)
        finally:
            self.headers = kept

    ActionAuthenticatorMixin._authenticate_and_authorize_action = check


def _as_headers(query: str) -> dict[str, str]:
    """Return what a signed query says, as the headers that would; raises S3's errors."""
    given = {name: values[0] for name, values in parse_qs(query).items()}
    if "AWSAccessKeyId" in given:
        said = "The authorization mechanism you have provided is not supported. Please use "
        raise S3ClientError("InvalidRequest", f"{said}AWS4-HMAC-SHA256.")
    if any(name not in given for name in NEEDED):
        raise S3AccessDeniedError()
    signed = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if datetime.now(UTC) > signed + timedelta(seconds=int(given["X-Amz-Expires"])):
        raise S3AccessDeniedError()
    found = {
        "X-Amz-Date": given["X-Amz-Date"],
        "Authorization": f"AWS4-HMAC-SHA256 Credential={given['X-Amz-Credential']}, "
        f"SignedHeaders={given['X-Amz-SignedHeaders']}, Signature={given[SIGNATURE]},",
    }
    if token := given.get("X-Amz-Security-Token"):
        found["X-Amz-Security-Token"] = token
    return found


class _Presigned(S3IAMRequest):  # type: ignore[misc,unused-ignore]
    """A request that is signed by its query: without a body, over the signed headers."""

    def _create_auth(self, credentials: Any) -> Any:
        return S3SigV4QueryAuth(credentials, self._service, self._region)

    def _create_aws_request(self) -> Any:
        names = self._get_string_between("SignedHeaders=", ",", self._headers["Authorization"])
        path, _, query = self._path.partition("?")
        rest = "&".join(p for p in query.split("&") if not p.startswith(f"{SIGNATURE}="))
        headers = self._create_headers_for_aws_request(names.split(";"), self._headers)
        request = AWSRequest(method=self._method, url=f"{path}?{rest}", headers=headers)
        request.context["timestamp"] = self._headers["X-Amz-Date"]
        return request
