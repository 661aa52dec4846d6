"""What every source can do, and how an address becomes a reference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import re2
import yaml

from registry.errors import RefusedError
from registry.scores.facts import CARD_LIMIT, Facts

SECONDS = 15.0  # that a source may take for one answer
TEXT_LIMIT = 1_000_000  # bytes of a file that is read as text
PART = re2.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LICENSES = ("license", "license.txt", "license.md", "licence", "copying", "license.rst")


@dataclass(frozen=True)
class Reference:
    """One artifact at one source."""

    source: str  # huggingface, github, upload
    type: str  # what the source says it is: model, dataset, code; or any
    path: str  # owner/name, or the key of an upload
    name: str  # what the registry calls it


class Source(Protocol):
    """A place artifacts come from."""

    def describe(self, reference: Reference, type_: str, url: str) -> Facts:
        """Return what is known, without bytes."""

    def bundle(self, reference: Reference, facts: Facts) -> Iterator[bytes]:
        """Yield one archive of everything."""


def locate(url: str, github_host: str = "github.com") -> Reference:
    """Return what an address points at; raises RefusedError 400 where no source knows it."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        raise RefusedError(400, "this is no address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise RefusedError(400, "an address begins with https://")
    words = [unquote(word) for word in parts.path.split("/") if word]
    if host in ("huggingface.co", "hf.co"):
        return _hugging_face(words)
    if host == github_host and len(words) >= 2:
        owner, name = words[0], words[1].removesuffix(".git")
        if PART.fullmatch(owner) and PART.fullmatch(name):
            return Reference("github", "any", f"{owner}/{name}", f"{owner}-{name}")
    raise RefusedError(
        400, "the address is none of huggingface.co/NAME, github.com/OWNER/NAME, or an upload here"
    )


def _hugging_face(words: list[str]) -> Reference:
    type_ = "model"
    if words[:1] == ["datasets"]:
        type_, words = "dataset", words[1:]
    ends = next((n for n, word in enumerate(words) if word in ("tree", "blob", "resolve")), None)
    words = words[:ends]
    if not 1 <= len(words) <= 2 or not all(PART.fullmatch(word) for word in words):
        raise RefusedError(400, "Hugging Face has no such address")
    return Reference("huggingface", type_, "/".join(words), words[-1])


def header(card: str) -> tuple[dict[str, Any], str]:
    """Return a card's header (its YAML between lines of ---) and its text."""
    if not card.startswith("---"):
        return {}, card[:CARD_LIMIT]
    head, found, text = card[3:].partition("\n---")
    if not found:
        return {}, card[:CARD_LIMIT]
    try:
        read = yaml.safe_load(head) if len(head) < 50_000 and "&" not in head else {}
    except (yaml.YAMLError, ValueError, RecursionError):
        read = {}
    return plain(read) if isinstance(read, dict) else {}, text.lstrip("-\n")[:CARD_LIMIT]


def plain(value: Any) -> Any:
    """Return a value as JSON that PostgreSQL takes: no NUL, no dates, no half characters."""
    text = json.dumps(value, default=str, skipkeys=True)
    return json.loads(clean(text.replace("\\u0000", "")))


def clean(text: str) -> str:
    """Return a text without what PostgreSQL refuses."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def read_json(raw: bytes) -> dict[str, Any]:
    """Return a JSON object, or an empty one where it is none."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return plain(found) if isinstance(found, dict) else {}


def license_file(files: dict[str, int]) -> str | None:
    """Return the path of a license text at the top."""
    return next((path for path in sorted(files) if path.lower() in LICENSES), None)
