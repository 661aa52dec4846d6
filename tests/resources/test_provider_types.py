"""Patches are judged by the provider's own schema before Terraform is asked."""

from __future__ import annotations

import provider_types as tool
import pytest

from seatrial.resources.provider_types import TABLE, findings


@pytest.mark.slow
def test_the_table_is_the_provider_s_schema():
    """The file beside the checks is what the pinned provider answers today."""
    assert TABLE.read_text(encoding="utf-8") == tool.text(tool.table())


@pytest.mark.parametrize(
    ("address", "patch", "key"),
    [
        ("aws_lb.main", {"idle_timeout": "soon"}, "idle_timeout"),
        ("aws_lb.main", {"idle_timeout": {"a": "1"}}, "idle_timeout"),
        ("aws_lb.main", {"idel_timeout": "3"}, "idel_timeout"),
        ("aws_lb.main", {"enable_http2": "yes"}, "enable_http2"),
        ("aws_lb.main", {"arn": "x"}, "arn"),
        ("aws_lb.main", {"subnets": "a"}, "subnets"),
        ("aws_lb.main", {"tags": ["a"]}, "tags"),
        ("aws_lb.main", {"access_logs": "x"}, "access_logs"),
        ("aws_lb.main", {"access_logs": {"enabled": "perhaps"}}, "access_logs.enabled"),
        ("aws_lb.main", {"access_logs": [{"bucket": "a"}, {"bucket": "b"}]}, "access_logs"),
        ("aws_lb.main", {"access_logs": [{}]}, "access_logs.0"),
        ("aws_lb.main", {"count": "2"}, "count"),
        ("aws_lb.main", {"lifecycle": {"prevent_destroy": "x"}}, "lifecycle.prevent_destroy"),
        ("aws_security_group.main", {"ingress": [{"from_port": "x"}]}, "ingress.0.from_port"),
    ],
)
def test_a_patch_of_another_type_is_refused(address, patch, key):
    """Another type, an unknown or read-only argument, a block too many: each at its path."""
    (found,) = findings(address, patch)
    assert ".".join(map(str, found.path)) == f"terraform.patches.{address}.{key}"
    assert found.fix


@pytest.mark.parametrize(
    "patch",
    [
        {"idle_timeout": "120", "enable_http2": "false", "tags": {"a": "b"}},
        {"access_logs": {"enabled": "true"}, "lifecycle": {"ignore_changes": ["tags"]}},
        {"subnets": ["a", "b"], "access_logs": [{"bucket": "logs"}]},
    ],
)
def test_a_patch_that_fits_is_taken(patch):
    """Text that Terraform converts is what it becomes."""
    assert list(findings("aws_lb.main", patch)) == []
