"""The tables of what AWS manages, against the constants that AWS's own aws-cdk-lib is made of.

The package has 60 MB, so that it is no dependency of the tests: ``make cdk`` installs it into a
temporary folder, which ``SEATRIAL_CDK`` names, and runs them.
"""

from __future__ import annotations

import os
import re
import tarfile
from pathlib import Path

import pytest

from seatrial_emulator.facts import managed

CDK = Path(os.environ.get("SEATRIAL_CDK", "/nowhere"))
needs_cdk = pytest.mark.skipif(
    not CDK.exists(), reason="`make cdk` runs them: aws-cdk-lib has 60 MB"
)


def text(path: str) -> str:
    """Return one file of aws-cdk-lib."""
    [bundle] = CDK.glob("aws_cdk/_jsii/aws-cdk-lib*.tgz")
    with tarfile.open(bundle) as opened:
        member = opened.extractfile(f"package/{path}")
        assert member is not None
        return member.read().decode()


@needs_cdk
@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("cache-policy", managed.CACHE_POLICIES),
        ("origin-request-policy", managed.ORIGIN_REQUEST_POLICIES),
        ("response-headers-policy", managed.RESPONSE_HEADERS_POLICIES),
    ],
)
def test_cloudfronts_policies_are_awss(path: str, table: dict[str, str]):
    """Each table holds the identifiers of aws-cdk-lib, no more and no fewer."""
    found = re.findall(
        r'fromManaged\w+\("([0-9a-f-]{36})"\)', text(f"aws-cloudfront/lib/{path}.js")
    )
    assert set(found) == set(table)


@needs_cdk
def test_tls_policies_are_awss():
    """ELB's security policies are those of aws-cdk-lib."""
    listed = text("aws-elasticloadbalancingv2/lib/shared/enums.d.ts")
    assert set(re.findall(r'"(ELBSecurityPolicy-[^"]+)"', listed)) == set(managed.TLS_POLICIES)


def test_what_we_generate_is_managed_by_aws():
    """Every managed identifier in the builders stands in the tables."""
    from seatrial.resources import edge, firewall

    assert edge.CACHING_DISABLED in managed.CACHE_POLICIES
    assert edge.ALL_VIEWER in managed.ORIGIN_REQUEST_POLICIES
    assert edge.SECURITY_HEADERS in managed.RESPONSE_HEADERS_POLICIES
    assert edge.TLS_POLICY in managed.TLS_POLICIES
    assert set(firewall.GROUPS.values()) <= managed.RULE_GROUPS
