"""AWS's Signature Version 4: what a request claims about itself, and whether its key signed it.

Pure. Source: IAM user guide, "Create a signed AWS API request"; Amazon S3 API reference,
"Authenticating Requests: Using the Authorization Header" and "Using Query Parameters".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
STREAMING = "STREAMING-"
CONTENT_HASH = "x-amz-content-sha256"
NOTHING = hashlib.sha256(b"").hexdigest()
SKEW = timedelta(minutes=15)
LONGEST = 604_800  # seconds that a presigned address may hold
QUERY_NAMES = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
_HEADER = re.compile(
    rf"{ALGORITHM} Credential=(?P<credential>[^, ]+),\s*SignedHeaders=(?P<headers>[^, ]+),\s*"
    r"Signature=(?P<signature>[0-9a-f]{64}),?"
)
_SCOPE = re.compile(
    r"(?P<key>\w{4,128})/(?P<day>\d{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request"
)
_UNRESERVED = "-_.~"
# Headers that a caller of S3 may leave unsigned although their names begin with `x-amz-`.
_FREE = (CONTENT_HASH, "x-amz-user-agent")


class SignatureError(Exception):
    """A request that is not signed as it must be; ``kind`` is one of ``refusals.ERRORS``."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail


@dataclass(frozen=True)
class Request:
    """A request as it came: the path and query as on its first line, names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Scope:
    """An access key, and the day, region and service that it signs for."""

    access_key: str
    day: str
    region: str
    service: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a request says of its signature; ``seconds`` is 0 for one that is signed by header."""

    scope: Scope
    date: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str
    seconds: int = 0

    @property
    def within(self) -> str:
        """Return the credential's scope, as it is written."""
        scope = self.scope
        return f"{scope.day}/{scope.region}/{scope.service}/aws4_request"

    @property
    def s3(self) -> bool:
        """Return whether the request is signed for S3, whose paths are encoded once."""
        return self.scope.service == "s3"


def claim(request: Request) -> Claim | None:
    """Return what a request claims; None where it claims nothing.

    Raises SignatureError for a claim that cannot be read.
    """
    if header := request.headers.get("authorization", ""):
        return _of_header(header, request.headers)
    if "X-Amz-" not in request.query:
        return None
    given = {unquote(n): unquote(v) for n, v in _pairs(request.query)}
    return _of_query(given) if "X-Amz-Signature" in given else None


def _of_header(header: str, headers: Mapping[str, str]) -> Claim:
    found = _HEADER.fullmatch(header)
    date = headers.get("x-amz-date", "")
    scope = _scope(found["credential"], date) if found else None
    if found is None or scope is None:
        raise SignatureError("malformed")
    return Claim(
        scope=scope,
        date=date,
        signed_headers=tuple(found["headers"].split(";")),
        signature=found["signature"],
        token=headers.get("x-amz-security-token", ""),
    )


def _scope(credential: str, date: str) -> Scope | None:
    found = _SCOPE.fullmatch(credential)
    if found is None or not date.startswith(found["day"]):
        return None
    return Scope(found["key"], found["day"], found["region"], found["service"])


def _of_query(given: dict[str, str]) -> Claim:
    if any(f"X-Amz-{name}" not in given for name in QUERY_NAMES):
        raise SignatureError("malformed query")
    date, seconds = given["X-Amz-Date"], given["X-Amz-Expires"]
    scope = _scope(given["X-Amz-Credential"], date)
    if scope is None or given["X-Amz-Algorithm"] != ALGORITHM:
        raise SignatureError("malformed query")
    if not re.fullmatch(r"[0-9]{1,6}", seconds) or not 0 < int(seconds) <= LONGEST:
        raise SignatureError("malformed query")
    return Claim(
        scope=scope,
        date=date,
        signed_headers=tuple(given["X-Amz-SignedHeaders"].split(";")),
        signature=given["X-Amz-Signature"],
        token=given.get("X-Amz-Security-Token", ""),
        seconds=int(seconds),
    )


def check(claimed: Claim, request: Request, secret: str, payload: str, now: datetime) -> None:
    """Raise SignatureError unless the key with this secret signed the request, and holds now.

    ``payload`` is the hexadecimal SHA-256 of the body, or the word that stands for it.
    """
    _check_time(claimed, now)
    _check_headers(claimed, request.headers)
    for path in dict.fromkeys((_canonical_path(claimed, request.path), request.path)):
        wanted = sign(claimed, secret, _to_sign(claimed, request, path, payload))
        if hmac.compare_digest(wanted, claimed.signature):
            return
    raise SignatureError("mismatch")


def _check_time(claimed: Claim, now: datetime) -> None:
    try:
        begin = datetime.strptime(claimed.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise SignatureError("malformed") from None
    late = now - begin
    if claimed.seconds:
        if late > timedelta(seconds=claimed.seconds) or -late > SKEW:
            raise SignatureError("address expired")
    elif abs(late) > SKEW:
        raise SignatureError("skewed", f"{claimed.date} is more than 15 minutes from {now:%H:%M}")


def _check_headers(claimed: Claim, headers: Mapping[str, str]) -> None:
    """What changes a request must be signed: the host, and S3's own headers."""
    if "host" not in claimed.signed_headers:
        raise SignatureError("malformed")
    if claimed.s3:
        own = {name for name in headers if name.startswith("x-amz-")}
        if left := sorted(own - set(claimed.signed_headers) - set(_FREE)):
            raise SignatureError("headers not signed", ", ".join(left))


def _canonical(claimed: Claim, request: Request, path: str, payload: str) -> str:
    names = claimed.signed_headers
    lines = [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names]
    query = _canonical_query(request.query)
    return "\n".join([request.method, path, query, *lines, "", ";".join(names), payload])


def _canonical_path(claimed: Claim, path: str) -> str:
    if claimed.s3:
        return quote(unquote(path), safe=f"/{_UNRESERVED}")
    return quote(path, safe=f"/{_UNRESERVED}")


def _pairs(query: str) -> list[tuple[str, str]]:
    parts = [part.partition("=") for part in query.split("&") if part]
    return [(name, value) for name, _, value in parts]


def _canonical_query(query: str) -> str:
    encoded = sorted(
        (quote(unquote(n), safe=_UNRESERVED), quote(unquote(v), safe=_UNRESERVED))
        for n, v in _pairs(query)
    )
    return "&".join(f"{n}={v}" for n, v in encoded if n != "X-Amz-Signature")


def _to_sign(claimed: Claim, request: Request, path: str, payload: str) -> str:
    canonical = _canonical(claimed, request, path, payload)
    digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    return f"{ALGORITHM}\n{claimed.date}\n{claimed.within}\n{digest}"


def sign(claimed: Claim, secret: str, text: str) -> str:
    """Return the signature of a text, in hexadecimal."""
    key = _key(secret, claimed.scope)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=256)
def _key(secret: str, scope: Scope) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (scope.day, scope.region, scope.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
