"""A model's README as HTML that cannot do anything: no HTML of its own, no pictures from elsewhere.

markdown-it-py with HTML off escapes every tag, and refuses links that are no addresses
(`javascript:`, `data:`); the pages' Content-Security-Policy is the second line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

LONGEST = 50_000  # characters that are rendered
FIRST = 3  # the level of its first heading: the page's own are 1 and 2
_FRONT_MATTER = re.compile(r"\A---\s*\n.*?\n---\s*(\n|\Z)", re.DOTALL)
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def html(card: str | None) -> Markup:
    """Return a README as HTML; empty where there is none."""
    text = _FRONT_MATTER.sub("", card or "", count=1)[:LONGEST].strip()
    if not text:
        return Markup("")
    tokens = _parser.parse(text)
    _shift_headings(tokens)
    for token in tokens:
        token.children = _harmless(token.children or []) if token.children is not None else None
    return Markup(_parser.renderer.render(tokens, _parser.options, {}))


def _shift_headings(tokens: Sequence[Token]) -> None:
    """Put headings below the page's, and let no level be skipped."""
    levels: list[int] = []
    for token in tokens:
        if token.type != "heading_open" and token.type != "heading_close":
            continue
        if token.type == "heading_open":
            before = levels[-1] if levels else FIRST - 1
            levels.append(min(int(token.tag[1]) + FIRST - 1, before + 1, 6))
        token.tag = f"h{levels[-1]}"


def _harmless(tokens: Sequence[Token]) -> list[Token]:
    """Turn pictures into links, and have links tell nobody whence they were followed."""
    found: list[Token] = []
    for token in tokens:
        if token.type == "image":
            source, text = str(token.attrGet("src") or ""), token.content or "picture"
            found += [
                Token("link_open", "a", 1, attrs={"href": source, "rel": "noreferrer nofollow"}),
                Token("text", "", 0, content=f"[picture: {text}]"),
                Token("link_close", "a", -1),
            ]
            continue
        if token.type == "link_open":
            token.attrSet("rel", "noreferrer nofollow")
        found.append(token)
    return found
