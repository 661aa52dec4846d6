"""What a guardrail says of some texts: the answer of ApplyGuardrail (Bedrock API reference)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seatrial_emulator.inference.moderation.policies import Finding, Source, findings, masked

UNIT = 1000  # characters of a text unit (Bedrock pricing page, "Guardrails")
REASONS = {"BLOCKED": "Guardrail blocked.", "ANONYMIZED": "Guardrail masked.", "": "No action."}
# What AWS answers with of each policy: the lists that it has, though empty.
LISTS: dict[str, tuple[str, ...]] = {
    "topicPolicy": ("topics",),
    "contentPolicy": ("filters",),
    "wordPolicy": ("customWords", "managedWordLists"),
    "sensitiveInformationPolicy": ("piiEntities", "regexes"),
}


@dataclass(frozen=True)
class Verdict:
    """What is done with some texts, and why: BLOCKED, ANONYMIZED or nothing ("")."""

    done: str
    texts: tuple[str, ...]  # as they may go on; the guardrail's message alone where blocked
    assessment: dict[str, Any]

    @property
    def blocked(self) -> bool:
        """Return whether nothing of the texts may go on."""
        return self.done == "BLOCKED"

    @property
    def reason(self) -> str:
        """Return the reason in AWS's words."""
        return REASONS[self.done]

    @property
    def metrics(self) -> dict[str, Any]:
        """Return the counts of the assessment."""
        found: dict[str, Any] = self.assessment["invocationMetrics"]
        return found

    def answer(self) -> dict[str, Any]:
        """Return the answer of ApplyGuardrail."""
        return {
            "usage": self.metrics["usage"],
            "action": "GUARDRAIL_INTERVENED" if self.done else "NONE",
            "actionReason": self.reason,
            "outputs": [{"text": text} for text in self.texts] if self.done else [],
            "assessments": [self.assessment],
            "guardrailCoverage": self.metrics["guardrailCoverage"],
        }


def judge(guardrail: dict[str, Any], texts: Sequence[str], source: Source) -> Verdict:
    """Return what a guardrail does with texts."""
    begun = time.monotonic()
    found = [list(findings(guardrail, text, source)) for text in texts]
    every = [finding for each in found for finding in each]
    actions = {finding.action for finding in every}
    done = next((each for each in ("BLOCKED", "ANONYMIZED") if each in actions), "")
    went_on = tuple(masked(text, rows) for text, rows in zip(texts, found, strict=True))
    if done == "BLOCKED":
        key = "blockedInputMessaging" if source == "INPUT" else "blockedOutputsMessaging"
        went_on = (str(guardrail[key]),)
    metrics = _metrics(guardrail, sum(map(len, texts)), begun)
    return Verdict(done, went_on, _rows(every) | {"invocationMetrics": metrics})


def _rows(every: list[Finding]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for finding in every:
        empty: dict[str, Any] = {rows: [] for rows in LISTS[finding.policy]}
        rows = found.setdefault(finding.policy, empty)[finding.rows]
        if finding.row not in rows:
            rows.append(finding.row)
    return found


def _metrics(guardrail: dict[str, Any], size: int, begun: float) -> dict[str, Any]:
    return {
        "guardrailProcessingLatency": round((time.monotonic() - begun) * 1000),
        "usage": _usage(guardrail, -(-size // UNIT)),
        "guardrailCoverage": {"textCharacters": {"guarded": size, "total": size}},
    }


def _usage(guardrail: dict[str, Any], units: int) -> dict[str, int]:
    """Return the units of each policy that the guardrail has; words and patterns are free."""
    sensitive = guardrail.get("sensitiveInformationPolicy") or {}
    return {
        "topicPolicyUnits": units if guardrail.get("topicPolicy") else 0,
        "contentPolicyUnits": units if guardrail.get("contentPolicy") else 0,
        "wordPolicyUnits": units if guardrail.get("wordPolicy") else 0,
        "sensitiveInformationPolicyUnits": units if sensitive.get("piiEntities") else 0,
        "sensitiveInformationPolicyFreeUnits": units if sensitive.get("regexes") else 0,
        "contextualGroundingPolicyUnits": 0,
    }
