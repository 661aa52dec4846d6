"""What AWS answers to who is not known, in the protocol of the service that was called.

Sources: "Common Errors" of IAM (query), ECS (JSON) and EC2; Amazon S3 API reference, "Error
responses"; Smithy, "AWS JSON 1.1", "AWS restJson1" and "RPC v2 CBOR" for where an error stands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from xml.sax.saxutils import escape

Protocol = Literal["s3", "ec2", "query", "rest-xml", "json", "rest-json", "cbor"]
REST_XML = ("cloudfront", "route53", "s3control")
_REASONS = {413: "Content Too Large"}  # Python's own word for it is an older one

_INVALID_KEY = "The security token included in the request is invalid."
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_EC2_UNKNOWN = "AWS was not able to validate the provided access credentials"
_S3_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "key and signing method."
)
_S3_UNKNOWN = "The AWS Access Key Id you provided does not exist in our records."
_TOO_LATE = "Signature expired, or its time is more than 15 minutes from now."

Row = tuple[int, str, str]  # status, code, message
# By kind: what S3, the query protocol, JSON, and EC2 say.
ERRORS: dict[str, tuple[Row, Row, Row, Row]] = {
    "missing": (
        (403, "AccessDenied", "Access Denied"),
        (403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
        (400, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
    ),
    "unknown key": (
        (403, "InvalidAccessKeyId", _S3_UNKNOWN),
        (403, "InvalidClientTokenId", _INVALID_KEY),
        (400, "UnrecognizedClientException", _INVALID_KEY),
        (401, "AuthFailure", _EC2_UNKNOWN),
    ),
    "invalid token": (
        (400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
        (403, "InvalidClientTokenId", _INVALID_KEY),
        (400, "UnrecognizedClientException", _INVALID_KEY),
        (401, "AuthFailure", _EC2_UNKNOWN),
    ),
    "token expired": (
        (400, "ExpiredToken", "The provided token has expired."),
        (403, "ExpiredToken", "The security token included in the request is expired"),
        (400, "ExpiredTokenException", "The security token included in the request is expired"),
        (400, "RequestExpired", "Request has expired."),
    ),
    "mismatch": (
        (403, "SignatureDoesNotMatch", _S3_MISMATCH),
        (403, "SignatureDoesNotMatch", _MISMATCH),
        (400, "InvalidSignatureException", _MISMATCH),
        (401, "AuthFailure", _EC2_UNKNOWN),
    ),
    "skewed": (
        (403, "RequestTimeTooSkewed",
         "The difference between the request time and the current time is too large."),
        (403, "SignatureDoesNotMatch", _TOO_LATE),
        (400, "InvalidSignatureException", _TOO_LATE),
        (400, "RequestExpired", "Request has expired."),
    ),
    "address expired": (
        (403, "AccessDenied", "Request has expired"),
        (403, "SignatureDoesNotMatch", _TOO_LATE),
        (400, "InvalidSignatureException", _TOO_LATE),
        (400, "RequestExpired", "Request has expired."),
    ),
    "malformed": (
        (400, "AuthorizationHeaderMalformed", "The authorization header is malformed."),
        (400, "IncompleteSignature", "The request signature does not conform to AWS standards."),
        (400, "IncompleteSignatureException",
         "The request signature does not conform to AWS standards."),
        (400, "IncompleteSignature", "The request signature does not conform to AWS standards."),
    ),
}  # fmt: skip
_OF_S3: dict[str, Row] = {
    "malformed query": (400, "AuthorizationQueryParametersError",
                        "The query parameters of the signature are incomplete or malformed."),
    "headers not signed": (403, "AccessDenied",
                           "There were headers present in the request which were not signed"),
    "content hash": (400, "XAmzContentSHA256Mismatch",
                     "The provided 'x-amz-content-sha256' header does not match what was computed"),
    "version 2": (400, "InvalidRequest", "The authorization mechanism you have provided is not "
                  "supported. Please use AWS4-HMAC-SHA256."),
    "no length": (411, "MissingContentLength",
                  "You must provide the Content-Length HTTP header."),
    "too large": (413, "EntityTooLarge",
                  "Your proposed upload exceeds the maximum allowed object size."),
}  # fmt: skip
# What only S3 has a word for is a signature that does not match elsewhere.
_ELSEWHERE = {"malformed query": "malformed", "version 2": "malformed"}


@dataclass(frozen=True)
class Answer:
    """A whole answer: status line, headers, body."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def protocol(environ: dict[str, Any], service: str) -> Protocol:
    """Return the protocol in which a caller reads errors; ``service`` is "" where unknown."""
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        return "cbor"
    if environ.get("HTTP_X_AMZ_TARGET"):
        return "json"
    if service == "ec2":
        return "ec2"
    if service in REST_XML:
        return "rest-xml"
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if form or "Action=" in environ.get("QUERY_STRING", ""):
        return "query"
    return "s3" if service in ("s3", "") else "rest-json"


def answer(kind: str, spoken: Protocol, detail: str = "") -> Answer:
    """Return the refusal of a kind."""
    status, code, message = _row(kind, spoken)
    if spoken == "rest-json" and code.endswith("Exception"):
        status = 403
    return rendered(status, code, f"{message} {detail}".strip(), spoken)


def _row(kind: str, spoken: Protocol) -> Row:
    if kind in _OF_S3:
        if spoken == "s3" or kind in ("no length", "too large"):
            return _OF_S3[kind]
        kind = _ELSEWHERE.get(kind, "mismatch")
    of_s3, query, of_json, ec2 = ERRORS[kind]
    rows: dict[Protocol, Row] = {"s3": of_s3, "query": query, "rest-xml": query, "ec2": ec2}
    return rows.get(spoken, of_json)


def rendered(status: int, code: str, message: str, spoken: Protocol) -> Answer:
    """Return an error as a protocol carries it."""
    content, body = _body(code, message, spoken)
    headers = [
        ("Content-Type", content),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", "00000000-0000-0000-0000-000000000000"),
    ]
    if spoken == "rest-json":
        headers.append(("x-amzn-ErrorType", code))
    if spoken == "cbor":
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
    return Answer(f"{status} {_REASONS.get(status) or HTTPStatus(status).phrase}", headers, body)


def _body(code: str, message: str, spoken: Protocol) -> tuple[str, bytes]:
    if spoken in ("json", "rest-json"):
        kind = "application/x-amz-json-1.1" if spoken == "json" else "application/json"
        return kind, json.dumps({"__type": code, "message": message}).encode()
    if spoken == "cbor":
        return "application/cbor", b"\xa2" + b"".join(
            map(_cbor, ("__type", code, "message", message))
        )
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if spoken == "s3":
        return "application/xml", f"<Error>{error}<RequestId>0</RequestId></Error>".encode()
    if spoken == "ec2":
        whole = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID>"
        return "text/xml", f"{whole}</Response>".encode()
    whole = f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>0</RequestId>"
    return "text/xml", f"{whole}</ErrorResponse>".encode()


def _cbor(text: str) -> bytes:
    data = text.encode()
    return b"\x79" + len(data).to_bytes(2, "big") + data  # a text of up to 65,535 bytes
