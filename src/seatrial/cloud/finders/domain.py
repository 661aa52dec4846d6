"""Zones and certificates."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session

GLOBAL = "us-east-1"  # the region of what CloudFront uses


def _zone(session: Session, body: Body, mine: Tags) -> str | None:
    dns = session.client("route53")
    for row in dns.list_hosted_zones_by_name(DNSName=body["name"])["HostedZones"]:
        name = row["Id"].rpartition("/")[2]
        found = dns.list_tags_for_resource(ResourceType="hostedzone", ResourceId=name)
        tagged = tags(found["ResourceTagSet"].get("Tags"))
        if row["Name"].rstrip(".") == body["name"] and mine.items() <= tagged.items():
            return str(name)
    return None


def _certificate(session: Session, body: Body, mine: Tags) -> str | None:
    acm = session.at(GLOBAL if "provider" in body else session.target.region, "acm")
    for page in acm.get_paginator("list_certificates").paginate():
        for row in page["CertificateSummaryList"]:
            if row["DomainName"] == body["domain_name"]:
                arn = row["CertificateArn"]
                found = acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
                if mine.items() <= tags(found).items():
                    return str(arn)
    return None


FINDERS: dict[str, Finder] = {
    "aws_route53_zone": _zone,
    "aws_acm_certificate": _certificate,
}
