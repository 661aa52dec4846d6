"""Buckets."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session


def _bucket(session: Session, body: Body, mine: Tags) -> str | None:
    rows = session.client("s3").get_bucket_tagging(Bucket=body["bucket"])["TagSet"]
    return str(body["bucket"]) if mine.items() <= tags(rows).items() else None


FINDERS: dict[str, Finder] = {
    "aws_s3_bucket": _bucket,
}
