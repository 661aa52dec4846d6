"""Documents as text, and text as chunks (Bedrock user guide, "How content chunking works")."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

SIZE, OVERLAP = 300, 20  # tokens and percent, where nothing else is configured
CHARACTERS = 4  # of a token, about
# What is read here; AWS also reads Word, Excel and PDF (user guide, "Prerequisites for your data").
TEXTS = ("txt", "md", "csv")
PAGES = ("html", "htm")
SOURCES = (*TEXTS, *PAGES, "doc", "docx", "xls", "xlsx", "pdf")


class _Text(HTMLParser):
    """The text of a page, without its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        self.hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.parts.append(data.strip())


def text_of(key: str, data: bytes) -> str:
    """Return a document's text; raises ValueError with the reason where it cannot be read."""
    kind = key.rpartition(".")[2].lower()
    if kind not in SOURCES:
        raise ValueError(f"File format {kind} is not supported.")
    if kind not in (*TEXTS, *PAGES):
        raise ValueError(f"The emulator does not read {kind} files; AWS does.")
    text = data.decode("utf-8", "replace")
    if kind in PAGES:
        page = _Text()
        page.feed(text)
        return "\n".join(page.parts)
    return text


def cut(text: str, configuration: dict[str, Any]) -> list[str]:
    """Return a text's chunks, each at the end of a word."""
    strategy = configuration.get("chunkingStrategy", "FIXED_SIZE")
    if strategy == "NONE":
        return [text] if text.strip() else []
    fixed = configuration.get("fixedSizeChunkingConfiguration") or {}
    size = int(fixed.get("maxTokens", SIZE)) * CHARACTERS
    again = size * int(fixed.get("overlapPercentage", OVERLAP)) // 100
    words = re.findall(r"\S+\s*", text)
    return [chunk.strip() for chunk in _packed(words, size, again)]


def _packed(words: list[str], size: int, again: int) -> list[str]:
    found: list[str] = []
    current: list[str] = []
    length = 0
    for word in words:
        if current and length + len(word) > size:
            found.append("".join(current))
            current = _last(current, again)
            length = sum(map(len, current))
        current.append(word)
        length += len(word)
    return [*found, "".join(current)] if current else found


def _last(words: list[str], most: int) -> list[str]:
    """Return the last words that are together no longer than ``most``."""
    found: list[str] = []
    for word in reversed(words):
        if sum(map(len, found)) + len(word) > most:
            break
        found.insert(0, word)
    return found
