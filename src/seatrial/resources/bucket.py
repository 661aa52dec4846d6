"""A bucket: private, encrypted, TLS only, owned by the account alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.bucket import Bucket
from seatrial.resources.context import ACCOUNT, Context, foundation
from seatrial.resources.graph import Expr, Json, Ref, Resource, joined


def build(context: Context) -> Iterator[Resource]:
    """Yield every bucket with its protections."""
    for noun, bucket in sorted(context.app.buckets.items()):
        yield from _one(context, noun, bucket)


def _one(context: Context, noun: str, bucket: Bucket) -> Iterator[Resource]:
    owner = f"buckets.{noun}"
    this = Ref("aws_s3_bucket", noun)

    def make(type_: str, **body: Any) -> Resource:
        return foundation(owner, type_, noun, bucket=this, **body)

    yield foundation(
        owner,
        "aws_s3_bucket",
        noun,
        bucket=joined(f"{context.bucket(noun)}-", ACCOUNT),
        force_destroy=Expr("var.teardown"),
    )
    yield make(
        "aws_s3_bucket_public_access_block",
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    yield make(
        "aws_s3_bucket_ownership_controls", rule=[{"object_ownership": "BucketOwnerEnforced"}]
    )
    yield make(
        "aws_s3_bucket_server_side_encryption_configuration",
        rule=[{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}],
    )
    yield make(
        "aws_s3_bucket_versioning",
        versioning_configuration=[{"status": "Enabled" if bucket.versioned else "Suspended"}],
    )
    yield make("aws_s3_bucket_lifecycle_configuration", rule=_lifecycle(bucket))
    yield make("aws_s3_bucket_policy", policy=Json(_tls_only(noun)))


def _lifecycle(bucket: Bucket) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = [
        {
            "id": "unfinished-uploads",
            "status": "Enabled",
            "filter": [{}],
            "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
        },
    ]
    if bucket.versioned:
        rules.append(
            {
                "id": "old-versions",
                "status": "Enabled",
                "filter": [{}],
                "noncurrent_version_expiration": [{"noncurrent_days": 90}],
            }
        )
    return rules


def _tls_only(noun: str) -> dict[str, Any]:
    arn = Ref("aws_s3_bucket", noun, "arn")
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, joined(arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
