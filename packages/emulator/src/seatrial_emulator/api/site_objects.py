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

from seatrial_emulator.api import iam_policies

PREFIX = "/_seatrial/files/"
Answer = tuple[str, list[tuple[str, str]], bytes]


def answer(path: str, backend: Callable[[str], Any]) -> Answer:
    """Return status, headers and body of one file."""
    identity, _, key = unquote(path.removeprefix(PREFIX)).partition("/")
    distribution = backend("cloudfront").distributions.get(identity)
    bucket = _bucket(distribution, backend("s3")) if distribution else None
    if bucket is None or not _may_read(bucket, str(distribution.arn), key):
        return _error("403 Forbidden", "AccessDenied", "Access Denied")
    found = backend("s3").get_object(bucket.name, key)
    if found is None:
        return _error("404 Not Found", "NoSuchKey", "The specified key does not exist.")
    metadata = {name.lower(): str(value) for name, value in found.metadata.items()}
    headers = [
        ("Content-Type", metadata.get("content-type", "binary/octet-stream")),
        ("ETag", str(found.etag)),
        ("Last-Modified", str(found.last_modified_RFC1123)),
    ]
    if "cache-control" in metadata:
        headers.append(("Cache-Control", metadata["cache-control"]))
    return "200 OK", headers, bytes(found.value)


def _bucket(distribution: Any, s3: Any) -> Any:
    for origin in distribution.distribution_config.Origins["Items"]:
        name = str(origin.domain_name).partition(".s3.")[0]
        if name in s3.buckets:
            return s3.buckets[name]
    return None


def _may_read(bucket: Any, arn: str, key: str) -> bool:
    """Say whether the bucket's policy lets this distribution, by its ARN, read an object."""
    request = iam_policies.Request(
        action="s3:GetObject",
        resource=f"arn:aws:s3:::{bucket.name}/{key}",
        principal=iam_policies.Principal("Service", "cloudfront.amazonaws.com"),
        context={"aws:SourceArn": arn},
    )
    return iam_policies.evaluate([json.loads(bucket.policy or b"{}")], request) == "Allow"


def _error(status: str, code: str, message: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, [("Content-Type", "application/xml")], body.encode()
