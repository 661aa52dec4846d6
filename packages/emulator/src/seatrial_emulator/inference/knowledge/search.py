"""Which chunks answer a question: by vectors, or by words (BM25). Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
K1, B = 1.2, 0.75
HALF = 4.0  # a BM25 score that is shown as 0.5


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A part of a document; ``vector`` is empty where no model made one."""

    id: str
    uri: str
    source: str
    text: str
    metadata: dict[str, Any] = field(default_factory=dict)
    vector: tuple[float, ...] = ()


def words(text: str) -> list[str]:
    """Return a text's words, those of a name in its parts, without plurals."""
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", text).replace("_", " ").lower()
    return [word[:-1] if len(word) > 3 and word[-1] == "s" else word for word in _WORD(parted)]


_WORD = re.compile(r"\w+").findall


def by_words(question: str, chunks: Sequence[Chunk]) -> list[tuple[float, Chunk]]:
    """Return the chunks that share words with a question, the best first, each scored 0 to 1."""
    counts = [Counter(words(chunk.text)) for chunk in chunks]
    sizes = [sum(count.values()) for count in counts]
    mean = sum(sizes) / len(sizes) if sizes else 1
    wanted = set(words(question))
    rarity = {w: _rarity(sum(w in count for count in counts), len(chunks)) for w in wanted}
    found = []
    for chunk, count, size in zip(chunks, counts, sizes, strict=True):
        length = K1 * (1 - B + B * size / mean)
        score = sum(rarity[w] * count[w] * (K1 + 1) / (count[w] + length) for w in wanted)
        if score > 0:
            found.append((score / (score + HALF), chunk))
    return sorted(found, key=lambda row: -row[0])


def _rarity(having: int, every: int) -> float:
    return math.log(1 + (every - having + 0.5) / (having + 0.5))


def by_vectors(vector: Sequence[float], chunks: Sequence[Chunk]) -> list[tuple[float, Chunk]]:
    """Return chunks by the cosine of their vectors with a question's, the best first."""
    found = [(_cosine(vector, chunk.vector), chunk) for chunk in chunks]
    return sorted(found, key=lambda row: -row[0])


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=False)) / lengths if lengths else 0.0
