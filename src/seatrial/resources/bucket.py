"""A bucket: private, encrypted, TLS only, owned by the account alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from seatrial.model.app import App
from seatrial.model.bucket import KIND, Bucket
from seatrial.model.service import Service, Use
from seatrial.resources import access
from seatrial.resources.context import ACCOUNT, Context, foundation
from seatrial.resources.graph import Expr, Json, Ref, Resource, joined
from seatrial.resources.kind import DATA, Grant, Node, ResourceKind
from seatrial.resources.switches import is_off

READ = ("s3:GetObject", "s3:GetObjectVersion")
WRITE = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
ACTIONS = {
    # access: (on the bucket, on its objects); without ListBucket a missing key is a 403
    "read": (("s3:ListBucket", "s3:GetBucketLocation"), READ),
    "write": (("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), WRITE),
    "full": (
        ("s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"),
        (*READ, *WRITE, "s3:DeleteObject"),
    ),
}
PUBLIC_ACCESS = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)


@dataclass(frozen=True)
class Private:
    """A private bucket of any noun: its address, and what it is for."""

    owner: str
    address: str
    name: str
    versioned: bool = False
    expire: int | None = None  # days
    statements: tuple[dict[str, Any], ...] = field(default=())  # who else may reach it
    lasting: bool = True  # whether it may only be deleted while it is empty


def build(context: Context) -> Iterator[Resource]:
    """Yield every bucket with its protections."""
    for noun, bucket in sorted(context.app.buckets.items()):
        yield from private(context, _of(noun, bucket))


def _of(noun: str, bucket: Bucket) -> Private:
    return Private(f"buckets.{noun}", noun, noun, bucket.versioned, bucket.expire)


def private(context: Context, wanted: Private) -> Iterator[Resource]:
    """Yield a private bucket."""
    this = Ref("aws_s3_bucket", wanted.address)

    def make(type_: str, **body: Any) -> Resource:
        return foundation(wanted.owner, type_, wanted.address, bucket=this, **body)

    yield foundation(
        wanted.owner,
        "aws_s3_bucket",
        wanted.address,
        bucket=joined(f"{context.bucket(wanted.name)}-", ACCOUNT),
        force_destroy=Expr("var.teardown") if wanted.lasting else True,
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
    if wanted.versioned:  # suspended, each deletion would leave a marker that nobody sees
        yield make("aws_s3_bucket_versioning", versioning_configuration=[{"status": "Enabled"}])
    yield make("aws_s3_bucket_lifecycle_configuration", rule=_lifecycle(wanted))
    arn = Ref("aws_s3_bucket", wanted.address, "arn")
    statements = [access.tls_only("s3:*", arn, joined(arn, "/*")), *wanted.statements]
    yield make(
        "aws_s3_bucket_policy", policy=Json({"Version": "2012-10-17", "Statement": statements})
    )


def _lifecycle(wanted: Private) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = [
        {
            "id": "unfinished-uploads",
            "status": "Enabled",
            "filter": [{}],
            "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
        },
    ]
    # Also without versioning: a bucket that once had it keeps its old versions and markers.
    rules.append(_rule("old-versions", "noncurrent_version_expiration", noncurrent_days=90))
    rules.append(_rule("old-markers", "expiration", expired_object_delete_marker=True))
    if wanted.expire:
        rules.append(_rule("old-objects", "expiration", days=wanted.expire))
    return rules


def _rule(name: str, what: str, **when: int) -> dict[str, Any]:
    return {"id": name, "status": "Enabled", "filter": [{}], what: [when]}


def _attribute(_: Context, noun: str, attribute: str) -> Ref:
    return Ref("aws_s3_bucket", noun, "bucket" if attribute == "name" else "arn")


def _grants(_context: Context, _: Service, use: Use) -> Iterator[Grant]:
    wanted, arn = use.access or "full", Ref("aws_s3_bucket", use.name, "arn")
    on_bucket, on_objects = ACTIONS[wanted]
    statements = (
        access.allow(on_bucket, arn, sid="Bucket"),
        access.allow(on_objects, joined(arn, "/*"), sid="Objects"),
    )
    yield Grant("task", f"{use.name}_{wanted}", statements)


def _nodes(app: App) -> Iterator[Node]:
    for name, bucket in sorted(app.buckets.items()):
        yield Node(name, "data", DATA, name, "bucket, versioned" if bucket.versioned else "bucket")


def _risks(resource: Resource, _: bool) -> Iterator[str]:  # noqa: FBT001
    if any(is_off(resource.body.get(key)) for key in PUBLIC_ACCESS):
        yield "the bucket may be made public"


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=_attribute,
    grants=_grants,
    nodes=_nodes,
    risks={"aws_s3_bucket_public_access_block": _risks},
    gateways=("s3",),
    holds={"aws_s3_bucket": "the bucket"},
)
