"""What is known of an artifact: gathered once from its source, kept with it, scored any time."""

from __future__ import annotations

from typing import Any

import re2
from pydantic import BaseModel, ConfigDict, Field


class Fact(BaseModel):
    """Frozen, and kept as JSON."""

    model_config = ConfigDict(frozen=True)


class Repository(Fact):
    """A git repository: of the code that belongs to a model, or of the artifact itself."""

    url: str
    files: dict[str, int] = {}  # bytes by path
    license: str | None = None  # SPDX identifier
    authors: dict[str, int] = {}  # commits by author, of the latest hundred
    changes: int = 0  # commits that were looked at
    reviewed: int = 0  # of those, how many came by a pull request that somebody approved


class Dataset(Fact):
    """A dataset that a model names; ``found`` where its source knows it."""

    name: str
    found: bool = False
    license: str | None = None
    card_words: int = 0
    has_schema: bool = False
    has_sizes: bool = False


class Parent(Fact):
    """What an artifact says it was made from."""

    type: str
    reference: str
    relationship: str
    source: str


class Facts(Fact):
    """Everything the scores look at."""

    name: str
    type: str
    url: str
    reference: str  # owner/name at the source, lower case
    origin: str = ""  # source and reference; the same however the address was written
    revision: str = ""
    card: str = ""  # the README, at most CARD_LIMIT characters
    metadata: dict[str, Any] = {}  # the card's header
    config: dict[str, Any] = {}  # config.json
    files: dict[str, int] = {}  # bytes by path
    license_text: str = ""
    authors: dict[str, int] = {}  # commits by author at the artifact's own source
    repository: Repository | None = None
    linked_code: str | None = None  # what the card links to, reachable or not
    datasets: tuple[Dataset, ...] = ()
    spent: dict[str, float] = Field(default_factory=dict)  # seconds of gathering, by kind of fact
    problems: tuple[str, ...] = ()  # what could not be asked

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(self.files.values())


CARD_LIMIT = 200_000
_CODE_LINK = re2.compile(r"https?://github\.com/([A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100})")
_NOT_CODE = ("sponsors/", "orgs/", "features/", "topics/", "marketplace/", "about/")


def code_link(facts: Facts) -> str | None:
    """Return the repository that a card names: its header's, else the first link of its text."""
    named = facts.metadata.get("repository") or facts.metadata.get("code")
    for text in (named if isinstance(named, str) else "", facts.card):
        for match in _CODE_LINK.finditer(text):
            path = match.group(1).removesuffix(".git").rstrip(".")
            if not path.lower().startswith(_NOT_CODE):
                return f"https://github.com/{path}"
    return None


def dataset_names(facts: Facts) -> tuple[str, ...]:
    """Return the datasets that a card's header names, in order and once."""
    return tuple(dict.fromkeys(texts(facts.metadata.get("datasets"))))


def texts(value: object) -> list[str]:
    """Return a header's value, one text or a list of them, as a list."""
    found = value if isinstance(value, list) else [value]
    return [v.strip() for v in found if isinstance(v, str) and v.strip()]


def parents(facts: Facts) -> tuple[Parent, ...]:
    """Return what an artifact was made from, as its header and its configuration say.

    The header's ``base_model`` comes first; ``base_model_name_or_path`` (adapters) and
    ``_name_or_path`` (the checkpoint that was loaded) are read from the configuration.
    """
    relation = facts.metadata.get("base_model_relation")
    kind = relation if isinstance(relation, str) else "base_model"
    found = [
        Parent(type="model", reference=name.lower(), relationship=kind, source="model_card")
        for name in texts(facts.metadata.get("base_model"))
    ]
    for key in ("base_model_name_or_path", "_name_or_path"):
        found += [
            Parent(
                type="model",
                reference=name.lower(),
                relationship="base_model",
                source="config_json",
            )
            for name in texts(facts.config.get(key))
            if _is_reference(name)
        ]
    found += [
        Parent(
            type="dataset",
            reference=name.lower(),
            relationship="fine_tuning_dataset",
            source="model_card",
        )
        for name in dataset_names(facts)
    ]
    own = {facts.reference, facts.reference.rpartition("/")[2]}
    unique = {(p.type, p.reference): p for p in reversed(found) if p.reference not in own}
    return tuple(reversed(unique.values()))


def _is_reference(name: str) -> bool:
    """A path on the trainer's disk is no parent."""
    return name.count("/") <= 1 and not name.startswith((".", "/", "~")) and len(name) <= 200
