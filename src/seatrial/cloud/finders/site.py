"""What a site's distribution refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.cloud.finder import Body, Finder, Tags
from seatrial.cloud.session import Session


def _access_control(session: Session, body: Body, _: Tags) -> str | None:
    found = session.client("cloudfront").list_origin_access_controls()["OriginAccessControlList"]
    return _named(found, body)


def _headers(session: Session, body: Body, _: Tags) -> str | None:
    cdn = session.client("cloudfront")
    rows = cdn.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
    for row in rows.get("Items", []):
        policy = row["ResponseHeadersPolicy"]
        if policy["ResponseHeadersPolicyConfig"]["Name"] == body["name"]:
            return str(policy["Id"])
    return None


def _named(listed: Mapping[str, Any], body: Body) -> str | None:
    rows = listed.get("Items", [])
    return next((str(row["Id"]) for row in rows if row["Name"] == body["name"]), None)


FINDERS: dict[str, Finder] = {
    "aws_cloudfront_origin_access_control": _access_control,
    "aws_cloudfront_response_headers_policy": _headers,
}
