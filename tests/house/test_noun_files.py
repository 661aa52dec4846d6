"""What a noun costs in files: a new one touches six at most, an old one no more than today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.model.app import KINDS
from seatrial.model.kind import Kind

ROOT = Path(__file__).parents[2]
NEW = 6
# Files that name an older noun. A ceiling may fall, never rise.
CEILINGS = {
    "services": 76,
    "jobs": 12,
    "sites": 17,
    "databases": 38,
    "buckets": 14,  # a knowledge base lies in one
    "caches": 11,
    "secrets": 30,  # and has the key of its store  # two name those of a build
    "queues": 7,
    "users": 11,
    "models": 16,  # an agent speaks by one
    "guardrails": 7,  # and has one
    "knowledge": 7,  # and looks into some
    "domain": 15,
    "firewall": 10,
}


# moto's modules are called `models` too, and every noun's file imports the types of its hooks.
_OTHER = re.compile(r"\bmoto(\.\w+)+|\s+from seatrial\.model\.service import (Service, )?Use\n")


def naming(kind: Kind) -> list[str]:
    """Return the source files that name a noun: by its section, its modules or its declarations."""
    section, file = kind.section, kind.file
    named = re.compile(
        rf"(?<!information_schema)\.{section}\b|[\"'`]{section}[\"'.`]|\b{section}\.\{{|"
        rf"^    {file},$|"
        rf"seatrial\.(model|resources|cost|cloud\.finders)\.{file}\b|"
        rf"\b{file}\.(KIND|RESOURCES|COSTS)\b",
        re.MULTILINE,
    )
    return sorted(
        str(path.relative_to(ROOT))
        for folder in ("src", "packages")
        for path in (ROOT / folder).rglob("*.py")
        # discovery/ reads other tools' files: `services` there is compose's key. inference/ answers
        # as Bedrock does, which has guardrails and topics of its own. Doctor quotes keys in its
        # advice, and asks AWS by AWS's names; a new noun needs nothing there.
        if not {"discovery", "inference", "diagnosis", "doctor"} & set(path.parts)
        if path.stem == file or named.search(_OTHER.sub("", path.read_text(encoding="utf-8")))
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_a_noun_is_named_in_few_files(kind: Kind):
    """Six with its prices for a new noun; what other rooms do with one, they do with all."""
    found = naming(kind)
    prices = 1  # cost/prices.json, which names no noun
    most = CEILINGS.get(kind.section, NEW - prices)
    assert len(found) <= most, found


def test_page_of_nouns_lists_every_attribute():
    """The table of `${name.attribute}` in docs/nouns.md is what the kinds declare."""
    page = (ROOT / "docs" / "nouns.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", page, re.MULTILINE))
    found = {section: set(re.findall(r"\w+", names)) for section, names in listed.items()}
    assert found == {kind.section: set(kind.attributes) for kind in KINDS if kind.attributes}


def test_every_noun_has_its_file_in_every_room():
    """The same noun in model, resources and cost; no ceiling of a noun that is gone."""
    sections = {kind.section for kind in KINDS}
    assert CEILINGS.keys() <= sections
    for kind in KINDS:
        for room in ("model", "resources", "cost"):
            assert (ROOT / "src/seatrial" / room / f"{kind.file}.py").exists(), (room, kind.section)
