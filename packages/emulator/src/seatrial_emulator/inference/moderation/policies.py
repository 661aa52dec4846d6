"""What a guardrail's policies find in a text, and what becomes of it. Pure.

A guardrail is what GetGuardrail answers (Bedrock API reference); a finding is one row of an
assessment (data type GuardrailAssessment).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from seatrial_emulator.inference.moderation import denied_topics, entities, phrases

Source = Literal["INPUT", "OUTPUT"]
DONE = {"BLOCK": "BLOCKED", "ANONYMIZE": "ANONYMIZED", "NONE": "NONE"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One row of an assessment, of ``policy`` and its list ``rows``; ``mask`` hides its match."""

    policy: str
    rows: str
    row: Row
    mask: str = ""

    @property
    def action(self) -> str:
        """Return what is done: BLOCKED, ANONYMIZED or NONE."""
        return str(self.row["action"])


def findings(guardrail: Row, text: str, source: Source) -> Iterator[Finding]:
    """Yield everything that a guardrail finds in a text."""
    for judge in (_topics, _content, _words, _entities, _patterns):
        yield from judge(guardrail, text, source)


def masked(text: str, found: list[Finding]) -> str:
    """Return a text with what is to be masked replaced by its name in braces, longest first."""
    hidden = [f for f in found if f.action == "ANONYMIZED"]
    for finding in sorted(hidden, key=lambda each: -len(each.row["match"])):
        text = text.replace(finding.row["match"], finding.mask)
    return text


def _enabled(rule: Row, source: Source) -> bool:
    return rule.get("inputEnabled" if source == "INPUT" else "outputEnabled") is not False


def _action(rule: Row, source: Source) -> str:
    own = rule.get("inputAction" if source == "INPUT" else "outputAction")
    return DONE[own or rule.get("action") or "BLOCK"]


def _rules(guardrail: Row, policy: str, rows: str, source: Source) -> Iterator[Row]:
    for rule in (guardrail.get(policy) or {}).get(rows) or ():
        if _enabled(rule, source):
            yield rule


def _topics(guardrail: Row, text: str, source: Source) -> Iterator[Finding]:
    for rule in _rules(guardrail, "topicPolicy", "topics", source):
        if denied_topics.is_about(rule, text):
            row = {"name": rule["name"], "type": rule["type"]}
            yield _finding("topicPolicy", "topics", row, _action(rule, source))


def _content(guardrail: Row, text: str, source: Source) -> Iterator[Finding]:
    for rule in _rules(guardrail, "contentPolicy", "filters", source):
        strength = rule["inputStrength" if source == "INPUT" else "outputStrength"]
        sure = phrases.confidence(rule["type"], text)
        if phrases.blocks(strength, sure):
            row = {"type": rule["type"], "confidence": sure, "filterStrength": strength}
            yield _finding("contentPolicy", "filters", row, _action(rule, source))


def _words(guardrail: Row, text: str, source: Source) -> Iterator[Finding]:
    for rule in _rules(guardrail, "wordPolicy", "words", source):
        wanted = rf"(?<!\w){re.escape(rule['text'])}(?!\w)"
        if found := re.search(wanted, text, re.IGNORECASE):
            yield _finding("wordPolicy", "customWords", {"match": found[0]}, _action(rule, source))
    for rule in _rules(guardrail, "wordPolicy", "managedWordLists", source):
        for match in dict.fromkeys(m[0] for m in phrases.PROFANITY.finditer(text)):
            row = {"match": match, "type": rule["type"]}
            yield _finding("wordPolicy", "managedWordLists", row, _action(rule, source))


def _entities(guardrail: Row, text: str, source: Source) -> Iterator[Finding]:
    for rule in _rules(guardrail, "sensitiveInformationPolicy", "piiEntities", source):
        for match in dict.fromkeys(entities.find(rule["type"], text)):
            row = {"match": match, "type": rule["type"]}
            mask = "{" + rule["type"] + "}"
            yield _sensitive("piiEntities", row, _action(rule, source), mask)


def _patterns(guardrail: Row, text: str, source: Source) -> Iterator[Finding]:
    for rule in _rules(guardrail, "sensitiveInformationPolicy", "regexes", source):
        found = (match[0] for match in re.finditer(rule["pattern"], text))
        for match in filter(None, dict.fromkeys(found)):
            row = {"name": rule["name"], "match": match, "regex": rule["pattern"]}
            mask = "{" + rule["name"] + "}"
            yield _sensitive("regexes", row, _action(rule, source), mask)


def _sensitive(rows: str, row: Row, action: str, mask: str) -> Finding:
    found = row | {"action": action, "detected": True}
    return Finding("sensitiveInformationPolicy", rows, found, mask)


def _finding(policy: str, rows: str, row: Row, action: str) -> Finding:
    return Finding(policy, rows, row | {"action": action, "detected": True})
