"""The state bucket: Terraform's state, the records of releases, and the deploy lock."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors, code
from seatrial.errors import UserError


def ensure_bucket(session: Session) -> None:
    """Make the state bucket private, versioned, encrypted and TLS only; safe to repeat."""
    s3, name = session.client("s3"), session.target.state_bucket
    owner: dict[str, Any] = {"ExpectedBucketOwner": session.target.account}
    with aws_errors(f"to prepare the state bucket {name}"):
        if _complete(s3, name, owner):
            return
        _create(session, name)
        s3.put_bucket_versioning(
            Bucket=name, VersioningConfiguration={"Status": "Enabled"}, **owner
        )
        s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
            **owner,
        )
        s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            **owner,
        )
        arn = f"arn:aws:s3:::{name}"
        statement = {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        s3.put_bucket_policy(Bucket=name, Policy=policy, **owner)


def _complete(s3: Any, name: str, owner: dict[str, str]) -> bool:
    """Say whether the bucket is there with all of its protections: the policy comes last."""
    try:
        s3.get_bucket_policy(Bucket=name, **owner)
    except ClientError as error:
        if code(error) in ("404", "NoSuchBucket", "NoSuchBucketPolicy"):
            return False
        raise
    return True


def _create(session: Session, name: str) -> None:
    region = session.target.region
    where: dict[str, Any] = (
        {}
        if region == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )
    try:
        session.client("s3").create_bucket(Bucket=name, **where)
    except ClientError as error:
        if code(error) != "BucketAlreadyOwnedByYou":  # made by a run that was killed after it
            raise


def read(session: Session, key: str) -> bytes | None:
    """Return an object of the state bucket, or None where there is none."""
    with aws_errors(f"to read {key}"):
        try:
            found = session.client("s3").get_object(Bucket=session.target.state_bucket, Key=key)
        except ClientError as error:
            if code(error) in ("NoSuchKey", "NoSuchBucket", "404"):
                return None
            raise
        body: bytes = found["Body"].read()
        return body


def write(session: Session, key: str, body: bytes) -> None:
    """Put an object into the state bucket."""
    with aws_errors(f"to write {key}"):
        session.client("s3").put_object(Bucket=session.target.state_bucket, Key=key, Body=body)


def write_new(session: Session, key: str, body: bytes) -> bool:
    """Put an object only where there is none; False where somebody was first."""
    with aws_errors(f"to write {key}"):
        try:
            session.client("s3").put_object(
                Bucket=session.target.state_bucket, Key=key, Body=body, IfNoneMatch="*"
            )
        except ClientError as error:
            if code(error) in ("PreconditionFailed", "ConditionalRequestConflict", "412"):
                return False
            raise
        return True


def remove(session: Session, key: str) -> None:
    """Delete an object of the state bucket."""
    with aws_errors(f"to remove {key}"):
        session.client("s3").delete_object(Bucket=session.target.state_bucket, Key=key)


def read_json(session: Session, key: str) -> dict[str, Any] | None:
    """Return the JSON object that a key holds, or None where there is no such key.

    Raises UserError where it is none: something else wrote to the state bucket.
    """
    body = read(session, key)
    if body is None:
        return None
    try:
        return dict(json.loads(body))
    except (ValueError, TypeError) as error:
        raise UserError.of(
            "aws-state",
            f"s3://{session.target.state_bucket}/{key} is not a JSON object ({error})",
            "Restore the object's previous version: the state bucket keeps all versions.",
        ) from error


def keys(session: Session, prefix: str) -> list[str]:
    """Return the keys of the state bucket that begin so."""
    with aws_errors(f"to list {prefix}"):
        pages = session.client("s3").get_paginator("list_objects_v2")
        return [
            str(row["Key"])
            for page in pages.paginate(Bucket=session.target.state_bucket, Prefix=prefix)
            for row in page.get("Contents", [])
        ]
