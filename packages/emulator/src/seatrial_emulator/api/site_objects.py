"""Files of a site as CloudFront reads them: through its access control, or not at all.

The network process asks the emulator at ``/_seatrial/files/<distribution>/<key>``. What S3 answers
there is what a distribution with this identity would get (CloudFront developer guide, "Restrict
access to an Amazon S3 origin").
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

PREFIX = "/_seatrial/files/"
Answer = tuple[str, list[tuple[str, str]], bytes]


def answer(path: str, backend: Callable[[str], Any]) -> Answer:
    """Return status, headers and body of one file."""
    identity, _, key = unquote(path.removeprefix(PREFIX)).partition("/")
    distribution = backend("cloudfront").distributions.get(identity)
    bucket = _bucket(distribution, backend("s3")) if distribution else None
    if bucket is None or not _may(bucket, str(distribution.arn)):
        return _error("403 Forbidden", "AccessDenied", "Access Denied")
    found = backend("s3").get_object(bucket.name, key)
    if found is None:
        return _error("404 Not Found", "NoSuchKey", "The specified key does not exist.")
    kept = {name.lower(): str(value) for name, value in found.metadata.items()}
    headers = [
        ("Content-Type", kept.get("content-type", "binary/octet-stream")),
        ("ETag", str(found.etag)),
        ("Last-Modified", str(found.last_modified_RFC1123)),
    ]
    if "cache-control" in kept:
        headers.append(("Cache-Control", kept["cache-control"]))
    return "200 OK", headers, bytes(found.value)


def _bucket(distribution: Any, s3: Any) -> Any:
    for origin in distribution.distribution_config.Origins["Items"]:
        name = str(origin.domain_name).partition(".s3.")[0]
        if name in s3.buckets:
            return s3.buckets[name]
    return None


def _may(bucket: Any, arn: str) -> bool:
    """Say whether the bucket's policy lets this distribution, by its ARN, read objects."""
    policy = json.loads(bucket.policy or b"{}")
    for row in policy.get("Statement", []):
        conditions = row.get("Condition", {}).get("StringEquals", {})
        if (
            row["Effect"] == "Allow"
            and row.get("Principal", {}) == {"Service": "cloudfront.amazonaws.com"}
            and "s3:GetObject"
            in ([row["Action"]] if isinstance(row["Action"], str) else row["Action"])
            and conditions.get("aws:SourceArn", conditions.get("AWS:SourceArn")) == arn
        ):
            return True
    return False


def _error(status: str, code: str, message: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, [("Content-Type", "application/xml")], body.encode()
