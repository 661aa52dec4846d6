"""DNS, certificates, CloudFront and sites."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.diagnosis.check import COMMAND, PROGRAM, Check, Evidence, either, said
from seatrial.diagnosis.facts import Facts

NUMBERS = re.compile(r"https?://\d+\.\d+\.\d+\.\d+")


def _pending(facts: Facts) -> Iterator[Evidence]:
    for certificate in facts.certificates:
        if certificate.status in ("PENDING_VALIDATION", "VALIDATION_TIMED_OUT"):
            records = "; ".join(certificate.records)
            text = f"acm.describe_certificate: {certificate.domain} is {certificate.status}"
            yield Evidence(f"{text}; it waits for {records}" if records else text)


def _failed(facts: Facts) -> Iterator[Evidence]:
    for certificate in facts.certificates:
        if certificate.status == "FAILED":
            reason = certificate.reason or "no reason"
            yield Evidence(f"acm.describe_certificate: {certificate.domain} is FAILED: {reason}")


def _cached(facts: Facts) -> Iterator[Evidence]:
    for page in facts.pages:
        age = re.search(r"max-age=(\d+)", page.cached)
        if "no-cache" not in page.cached and (age is None or int(age[1]) > 0):
            text = f"s3.head_object: the first page of {page.site} has Cache-Control "
            yield Evidence(f"{text}`{page.cached or 'none'}`", "", "", "warning")


def _origin_by_number(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        for name, value in service.plain.items():
            if re.search("ORIGIN|CORS", name) and (found := NUMBERS.search(value)):
                text = f"ecs.describe_task_definition: {name} allows {found[0]}"
                yield Evidence(text, service.name, "", "warning")


CHECKS = (
    Check(
        id="D80",
        title="the certificate waits for its DNS record",
        cause="ACM issues a certificate when it finds its CNAME record: the record is missing, or "
        "the registrar's name servers are not those of the hosted zone.",
        fix="Set the zone's four name servers at the registrar, then run the command again.",
        command="aws route53 get-hosted-zone --id ZONE",
        look=either(
            _pending,
            said(
                r"PENDING_VALIDATION|VALIDATION_TIMED_OUT",
                r"(?i)timeout while waiting for .*(ISSUED|certificate)",
                of=COMMAND,
            ),
        ),
    ),
    Check(
        id="D81",
        title="ACM refuses the certificate",
        cause="A CAA record does not allow amazon.com, the domain is Amazon's own or not public, "
        "or ACM wants to know more.",
        fix='Add the record CAA 0 issue "amazon.com", or use a domain of your own.',
        command="dig CAA DOMAIN",
        look=either(
            _failed,
            said(
                r"CAA_ERROR|DOMAIN_NOT_ALLOWED|INVALID_PUBLIC_DOMAIN|ADDITIONAL_VERIFICATION_REQ",
                of=COMMAND,
            ),
        ),
    ),
    Check(
        id="D82",
        title="CloudFront does not find the certificate",
        cause="CloudFront uses certificates of us-east-1 alone, and only issued ones.",
        fix="Set `domain`: a deploy makes the certificate there.",
        command="aws acm list-certificates --region us-east-1",
        look=said(
            r"InvalidViewerCertificate|SSL certificate doesn.?t exist, isn.?t in us-east-1",
            of=COMMAND,
        ),
    ),
    Check(
        id="D83",
        title="another distribution has the domain",
        cause="An alternate domain name belongs to one distribution of CloudFront, in any account.",
        fix="Remove it there, or move it with a TXT record as proof.",
        command="aws cloudfront list-conflicting-aliases --distribution-id ID --alias DOMAIN",
        look=said(r"CNAMEAlreadyExists", of=COMMAND),
    ),
    Check(
        id="D84",
        title="the bucket's policy is refused",
        cause="S3 blocks public policies by default (BlockPublicPolicy).",
        fix="Keep the bucket private and let CloudFront read it, as `sites` does.",
        command="seatrial explain sites",
        look=said(
            r"public policies are (blocked|prevented) by the BlockPublicPolicy|BlockPublicPolicy",
            of=COMMAND,
        ),
    ),
    Check(
        id="D86",
        title="browsers keep an old first page",
        cause="The first page may be cached by browsers and CloudFront, and names files of an "
        "earlier release.",
        fix="A deploy sets `max-age=0, must-revalidate` for pages; files whose names hold their "
        "content's digest may be cached for ever.",
        command="{deploy}",
        look=either(_cached, said(r"ChunkLoadError|Loading chunk \S+ failed", of=PROGRAM)),
    ),
    Check(
        id="D87",
        title="a bucket is not empty, or its name is taken",
        cause="S3 deletes empty buckets alone, without old versions; names are unique over all "
        "accounts.",
        fix="Destroy with Seatrial, which exports or deletes the objects first; its buckets' names "
        "end with the account.",
        command="seatrial destroy {environment}",
        look=said(r"BucketNotEmpty|BucketAlreadyExists|BucketAlreadyOwnedByYou", of=COMMAND),
    ),
    Check(
        id="D88",
        title="browsers refuse requests to the API",
        cause="The page and its API have different origins, or the page is HTTPS and its API HTTP.",
        fix="Serve both from one address: a site's `routes` lead to the API, without CORS.",
        command="seatrial explain sites",
        look=either(
            _origin_by_number,
            said(r"blocked by CORS policy|Mixed Content", of=PROGRAM),
        ),
    ),
)
