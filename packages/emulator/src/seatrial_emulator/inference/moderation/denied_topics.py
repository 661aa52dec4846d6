"""Whether a text is about a denied topic: by the words of its name, examples and definition.

AWS asks a model of its own. Here a topic is met where the text has all words of its name, most
words of an example, or many of its definition.
"""

from __future__ import annotations

import re
from typing import Any

_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and any are as at be been but by can could do does for from has have how i if in "
        "into is it its me my no not of on or our should so such than that the their them then "
        "there these they this to us was we were what when where which who why will with would you "
        "your about better give get more please tell regarding goal refer inquiry related",
    )
)
_ENDINGS = (
    "ments",
    "ment",
    "ations",
    "ation",
    "ates",
    "ate",
    "ings",
    "ing",
    "ors",
    "or",
    "ies",
    "ed",
    "es",
    "s",
)
OF_EXAMPLE, OF_DEFINITION = 0.6, 0.4  # shares of the words that are enough
FEW, SEVERAL = 2, 3


def is_about(topic: dict[str, Any], text: str) -> bool:
    """Return whether a text is about a topic, as CreateGuardrail describes one."""
    said = words(text)
    name = words(topic["name"])
    if name and name <= said:
        return True
    if any(_shares(words(each), said, OF_EXAMPLE, FEW) for each in topic.get("examples") or ()):
        return True
    return _shares(words(topic["definition"]), said, OF_DEFINITION, SEVERAL)


def words(text: str) -> frozenset[str]:
    """Return a text's words without their endings, and without those that every text has."""
    found = re.findall(r"[a-z]+", text.lower())
    return frozenset(_stem(word) for word in found if word not in _COMMON) - _COMMON


def _shares(wanted: frozenset[str], said: frozenset[str], share: float, least: int) -> bool:
    both = len(wanted & said)
    return both >= least and both >= share * len(wanted)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word
