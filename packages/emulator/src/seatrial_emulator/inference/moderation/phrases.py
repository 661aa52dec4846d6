"""Texts that content filters recognise here, by category and how sure they are, and swear words.

AWS's filters are classifiers; these rows stand for their clearest cases (Bedrock user guide,
"Detect and filter harmful words and content": the categories and the levels of confidence).
"""

from __future__ import annotations

import re

LEVELS = ("LOW", "MEDIUM", "HIGH")
_PEOPLE = r"(jews|muslims|christians|blacks|whites|asians|gays|immigrants|foreigners|women|men)"
_ROWS: dict[str, dict[str, tuple[str, ...]]] = {
    "HATE": {
        "HIGH": (
            rf"\bi (hate|despise) (all )?(the )?{_PEOPLE}\b",
            rf"\b{_PEOPLE} are (all )?(inferior|vermin|subhuman|animals|criminals|parasites)\b",
            r"\binferior race\b",
        ),
        "MEDIUM": (r"\bgo back to (your|their) (own )?country\b",),
    },
    "INSULTS": {
        "HIGH": (
            r"\byou('re| are)? (an? |such an? )?(complete |total |utter )?"
            r"(idiot|moron|imbecile|loser|stupid|worthless|pathetic)\b",
        ),
        "MEDIUM": (r"\bshut up\b", r"\b(idiots?|morons?|imbeciles?)\b"),
        "LOW": (r"\b(stupid|dumb|ridiculous)\b",),
    },
    "SEXUAL": {
        "HIGH": (r"\bporn(o|ography|ographic)?\b", r"\b(explicit sex|nude (photos?|pictures?))\b"),
        "MEDIUM": (r"\b(naked|erotic|sexy)\b",),
        "LOW": (r"\bsexual\b",),
    },
    "VIOLENCE": {
        "HIGH": (
            r"\b(kill|murder|stab|shoot|strangle) "
            r"(him|her|them|you|someone|somebody|people|my \w+)\b",
            r"\b(build|make|made|making|building) (a |an )?(\w+ )?bombs?\b",
        ),
        "MEDIUM": (r"\bbeat (him|her|them|you) up\b", r"\btortur(e|ed|ing)\b"),
        "LOW": (r"\b(weapons?|fist ?fight)\b",),
    },
    "MISCONDUCT": {
        "HIGH": (
            r"\bhow (to|do i|can i) (steal|hack|launder|forge|counterfeit|pick (a|the) lock)\b",
            r"\bhack(ing)? into\b",
            r"\b(make|cook|making|cooking) (meth|heroin|cocaine)\b",
        ),
        "MEDIUM": (r"\bphishing (e?-?mails?|pages?)\b", r"\bwithout getting caught\b"),
        "LOW": (r"\b(shoplift(ing)?|fraud)\b",),
    },
    "PROMPT_ATTACK": {
        "HIGH": (
            r"\b(ignore|disregard|forget|override) (all |any |the |your |my |these |of )*"
            r"(previous |prior |above |earlier |system |safety )*"
            r"(instructions?|prompts?|rules|guidelines)\b",
            r"\b(do anything now|developer mode|you are now dan)\b",
            r"\b(reveal|show|print|repeat|tell me) (me )?(your|the) (system|hidden|initial) "
            r"(prompt|instructions)\b",
        ),
        "MEDIUM": (r"\bjailbreak\b", r"\bpretend (that )?(you|to) (are|be|have)\b"),
        "LOW": (r"\bact as (if|an? )\b",),
    },
}
CONTENT = {
    category: [
        (level, re.compile("|".join(rows[level]), re.IGNORECASE))
        for level in reversed(LEVELS)
        if level in rows
    ]
    for category, rows in _ROWS.items()
}
PROFANITY = re.compile(
    r"\b(fuck\w*|shit\w*|bullshit|asshole|bastards?|bitch(es)?|cunts?|dickheads?|motherfucker\w*|"
    r"wankers?|crap|damn(ed)?|piss(ed)?)\b",
    re.IGNORECASE,
)


def confidence(category: str, text: str) -> str:
    """Return how sure a category is of a text: HIGH, MEDIUM, LOW or NONE."""
    return next((level for level, found in CONTENT[category] if found.search(text)), "NONE")


def blocks(strength: str, found: str) -> bool:
    """Return whether a filter of a strength blocks what was found with this confidence.

    LOW blocks what is sure, MEDIUM that and the middle, HIGH all three (user guide, "Filter
    strength").
    """
    if "NONE" in (strength, found):
        return False
    return LEVELS.index(found) + LEVELS.index(strength) >= len(LEVELS) - 1
