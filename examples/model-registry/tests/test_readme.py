"""A README becomes HTML that cannot do anything."""

from __future__ import annotations

import pytest

from registry.readme import html


def test_markdown_is_rendered_below_the_pages_headings():
    """Headings begin at the third level and skip none; tables and code are shown; YAML is not."""
    found = html("---\nlicense: mit\n---\n# One\n#### Two\n\n|a|\n|-|\n|b|\n\n```\ncode\n```\n")
    assert "<h3>One</h3>" in found
    assert "<h4>Two</h4>" in found
    assert "<td>b</td>" in found
    assert "<code>code" in found
    assert "license" not in found


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "![a](https://tracker.example/pixel.png)",
        "<a href='javascript:alert(1)'>x</a>",
        '[a](https://x.example "\\" onmouseover=alert(1)")',
        "<style>body{display:none}</style>",
    ],
)
def test_nothing_of_a_hostile_readme_runs_or_loads(text):
    """No tag of its own, no script address, no picture from elsewhere."""
    found = html(text)
    for trace in ("<script", "<img", "<style", 'href="javascript', 'href="data', 'href="vbscript'):
        assert trace not in found
    assert " onmouseover=" not in found.replace("&quot; onmouseover", "")


def test_an_artifact_without_a_readme_has_none():
    """Neither no card nor one of YAML alone gives an empty box."""
    assert html(None) == html("---\na: b\n---\n") == ""
