"""A fast probe for the escape mutation (the full property runs Terraform and is slow)."""

from __future__ import annotations

from seatrial.terraform.escape import literal


def test_templates_are_escaped():
    """`${` and `%{` are doubled."""
    assert literal("${a} %{b}") == "$${a} %%{b}"
