"""Web ACLs."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags
from seatrial.cloud.session import Session

GLOBAL = "us-east-1"  # the region of what CloudFront uses


def _web_acl(session: Session, body: Body, _: Tags) -> str | None:
    scope = body["scope"]
    region = GLOBAL if scope == "CLOUDFRONT" else session.target.region
    rows = session.at(region, "wafv2").list_web_acls(Scope=scope)["WebACLs"]
    same = (row for row in rows if row["Name"] == body["name"])
    return next((f"{row['Id']}/{row['Name']}/{scope}" for row in same), None)


FINDERS: dict[str, Finder] = {
    "aws_wafv2_web_acl": _web_acl,
}
